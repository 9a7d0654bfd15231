"""Files that scripts, style sheets and templates name exist, and each page loads one style sheet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import django.contrib.admin
import pytest
from django.test import Client

from tests.house.source import ROOT

STATIC = ROOT / "static"
OWN = tuple(path for kind in ("js", "css") for path in sorted((STATIC / kind).rglob(f"*.{kind}")))
NAMING = (*OWN, *sorted((ROOT / "templates").rglob("*.html")), *sorted((ROOT / "tests/js").rglob("*.mjs")))
FILE_NAME = re.compile(r"(?<![\w./-])[\w./-]*\w\.(?:js|mjs|css|py|html|md)\b(?![\w(.])")
ADMIN_TEMPLATES = Path(django.contrib.admin.__file__).parent / "templates"  # which ours extend
LIBRARIES = {"PDF.js"}  # names that look like a file's
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";$', re.M)


def names_of(path: Path) -> Iterator[str]:
    """Names of files in the text of a file: in its imports, in its comments, in its tags."""
    yield from set(FILE_NAME.findall(path.read_text(encoding="utf-8"))) - LIBRARIES


def is_there(name: str, at: Path) -> bool:
    """Whether a file has this name: relative to ``at``, relative to a root of addresses, or among our own files."""
    folders = (at.parent, ROOT, STATIC, STATIC / "vendor", ROOT / "templates", ADMIN_TEMPLATES)
    return any(own.name == name for own in OWN) or any(
        Path(os.path.normpath(folder / name)).is_file() for folder in folders
    )


def test_no_style_of_the_whole_page_depends_on_what_it_contains() -> None:
    # With such a rule, each change of the page computes the styles of all its elements again: 70 ms a key press on a
    # list of 200 papers.
    rules = re.compile(r"(?:\bhtml|\bbody|:root)[^\s{},>]*:has\(")
    found = {path.name: rules.findall(path.read_text("utf-8")) for path in OWN if path.suffix == ".css"}
    assert not {name: selectors for name, selectors in found.items() if selectors}


def test_every_file_that_a_script_a_style_sheet_or_a_template_names_is_there() -> None:
    missing = {
        (str(path.relative_to(ROOT)), name) for path in NAMING for name in names_of(path) if not is_there(name, path)
    }
    assert missing == set()


def test_every_style_sheet_is_part_of_one_that_a_page_loads() -> None:
    sheets = {path for path in OWN if path.suffix == ".css"}
    imports = {
        sheet: [Path(os.path.normpath(sheet.parent / name)) for name in STYLE_IMPORT.findall(sheet.read_text())]
        for sheet in sheets
    }
    parts = {part for names in imports.values() for part in names}
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    loaded = {STATIC / name for name in re.findall(r"{% static '(css/[^']+)' %}", templates)}
    assert sheets - parts == loaded
    assert all(len(names) == len(set(names)) for names in imports.values())


def test_style_sheets_use_only_variables_that_are_defined() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in OWN if path.suffix == ".css"}
    defined = {name for text in texts.values() for name in re.findall(r"(--[\w-]+)\s*:", text)}
    # A variable with a fallback may be undefined.
    used = {(file, name) for file, text in texts.items() for name in re.findall(r"var\((--[\w-]+)\)", text)}
    assert {(file, name) for file, name in used if name not in defined} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/search", "/arxiv/all", "/api/v1/", "/me/", "/nowhere"])
def test_a_page_loads_one_style_sheet(address: str, client: Client) -> None:
    page = client.get(address, follow=True).content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)">', page) == ["/static/css/main.css"]


def test_the_text_face_is_small_and_has_the_characters_that_the_style_sheet_says() -> None:
    fonts = sorted((STATIC / "vendor" / "fonts").glob("*.woff2"))
    assert len(fonts) == 4
    assert sum(path.stat().st_size for path in fonts) <= 80_000
    sheet = (STATIC / "css" / "page" / "fonts.css").read_text(encoding="utf-8")
    script = (ROOT / "tools" / "subset_fonts.mjs").read_text(encoding="utf-8")
    stated = {name: _characters_in_css(sheet, f"source-serif-{name}.woff2") for name in ("latin-ext", "greek")}
    assert stated == {name: _characters_in_script(script, name.upper().replace("-", "_")) for name in stated}


def _characters_in_css(sheet: str, file: str) -> set[int]:
    face = next(face for face in sheet.split("@font-face") if f"/{file}" in face)
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face.partition("unicode-range:")[2])
    return {code for first, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)}


def _characters_in_script(script: str, constant: str) -> set[int]:
    text = next(match for match in re.findall(rf"const {constant} = `(.*)`;", script))
    ranges = re.findall(r"\$\{range\(0x([0-9a-f]+), 0x([0-9a-f]+)\)\}", text)
    codes = {code for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1)}
    return codes | {ord(char) for char in re.sub(r"\$\{[^}]*\}", "", text)}
