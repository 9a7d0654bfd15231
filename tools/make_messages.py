"""Bring the catalogues of the interface's languages up to date with the strings in code and templates.

    python tools/make_messages.py            # locale/<language>/LC_MESSAGES/django.po and .mo
    python tools/make_messages.py --check    # exit 1 if they are not up to date or not complete

Needs no gettext tools. The report lists new strings: write their translations into the .po file and run again. Strings
that are no longer used are dropped. The repository contains the compiled catalogues, so that setting up a site needs
neither this script nor Babel.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh_Hans",)
CODE = ("coolpapers", "search")
# Functions that mark a string, and the positions of their arguments with text.
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

Text = str | tuple[str, ...]


def find_strings() -> Iterator[tuple[str, int, Text, str | None]]:
    """Every translatable string: file, line, text (or singular and plural), context."""
    for path in sorted(_code() | _templates()):
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            source = templatize(source)
        for line, text, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            yield path.relative_to(ROOT).as_posix(), line, _plain(text), context


def _code() -> set[Path]:
    return {path for folder in CODE for path in (ROOT / folder).rglob("*.py")}


def _templates() -> set[Path]:
    return {path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".xml", ".txt")}


def _plain(text: object) -> Text:
    return tuple(str(part) for part in text) if isinstance(text, tuple) else str(text)


def path_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    path = path_of(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """The language's catalogue with exactly the strings in the code now, and the existing translations."""
    old = read_catalogue(language)
    new = Catalog(locale=language, project="coolpapers", charset="utf-8", fuzzy=False, header_comment="")
    for file, _, text, context in find_strings():
        # Files without lines: a catalogue does not change when code moves.
        new.add(text, locations=[(file, 1)], context=context)
    for message in new:
        translated = old.get(message.id, message.context) if message.id else None
        if translated is not None:
            message.string = translated.string
    return new


def problems(catalogue: Catalog) -> list[str]:
    """Missing translations, and translations whose placeholders differ from the original's."""
    return [f"{message.id!r}: {problem}" for message in catalogue if message.id for problem in _problems_of(message)]


def _problems_of(message: Message) -> Iterator[str]:
    translations = message.string if isinstance(message.string, tuple | list) else (message.string,)
    originals = message.id if isinstance(message.id, tuple | list) else (message.id,)
    if message.fuzzy:
        yield "fuzzy"
    placeholders = set(PLACEHOLDER.findall(originals[-1]))
    for translation in translations or ("",):
        if not translation:
            yield "not translated"
        elif set(PLACEHOLDER.findall(translation)) != placeholders:
            yield f"other placeholders: {translation!r}"


def write(language: str, catalogue: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalogue))
    path.with_suffix(".mo").write_bytes(as_mo(catalogue))


def as_po(catalogue: Catalog) -> bytes:
    """The file's content; without dates, so that only strings change it."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return b"".join(line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(_DATED))


_DATED = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator', b'"Language-Team', b'"Generated-By')


def as_mo(catalogue: Catalog) -> bytes:
    """The compiled file's content. The dates of its header are fixed, so that only strings change it."""
    plain = read_po(BytesIO(as_po(catalogue)), locale=catalogue.locale)
    plain.creation_date = plain.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    buffer = BytesIO()
    write_mo(buffer, plain)
    return buffer.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; report problems")
    options = parser.parse_args()
    wrong = []
    for language in LANGUAGES:
        catalogue = update(language)
        if options.check and as_po(catalogue) != path_of(language).read_bytes():
            wrong.append(f"{path_of(language)} is not up to date")
        if not options.check:
            write(language, catalogue)
        wrong += problems(catalogue)
        print(f"{language}: {len(catalogue)} strings, {len(problems(catalogue))} problems")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
