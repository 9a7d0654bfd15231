"""From one word or phrase of a query, and the field it stands in, to a leaf of the tree.

Start at :func:`read_value`. Some leaves are small trees: a bare ``2017`` is that word or that year, ``cat:cs``
an archive with its classes, ``au:"Geoffrey Hinton"`` those words or that author. ``search.language.unparse`` writes
them back as the one word they came from by calling the same functions, so each is made here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from search.errors import QuerySyntaxError
from search.language.authors import read_author
from search.language.dates import DateError, Span, is_bare_date, read_span
from search.language.fields import FLAG_VALUES, Field, Kind
from search.language.guards import MIN_PREFIX_CHARS
from search.language.query import And, Exact, Flag, Fuzzy, Node, Or, Phrase, Prefix, Range, Term
from search.text.analysis import is_plain_word, query_tokens
from search.vocabulary.accents import decode_tex_accents
from search.vocabulary.categories import CATEGORY_ALIASES, CATEGORY_NAMES, fold_category
from search.vocabulary.identifier_forms import OLD_ARCHIVES
from search.vocabulary.identifiers import parse_identifier

# Archives of arXiv that have classes below them; the others (hep-th, math-ph) are categories themselves.
ARCHIVES = frozenset(code.partition(".")[0] for code in CATEGORY_NAMES if "." in code)
MIN_FUZZY = 3  # within one edit of two letters lies nearly every short word

_SPELLINGS = {code.lower(): code for code in (*CATEGORY_NAMES, *CATEGORY_ALIASES, *OLD_ARCHIVES)}
_DISTANCE = re.compile(r"\d*(?:\.\d*)?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
# What a decoded accent may leave in a word; anything else would be read differently when written out again.
_ONE_WORD = re.compile(r"[^\W\d_][^\s()（）\"“”„‟«»＂「」『』〝〞:*~]*")
_NAMED = ("author", "venue")  # fields whose words are read as names
EDGE = ".,;:!?，。；：！？、"


def read_value(field: Field, text: str, *, is_phrase: bool, position: int, now: date, notes: list[str]) -> Node | None:
    """The leaf for a word or a quoted phrase; None where nothing in it can be searched for (``&``, ``""``).

    Raises QuerySyntaxError for a date or property that does not exist; appends to ``notes`` what the reader
    should know.
    """
    if field.kind is Kind.TEXT and not is_phrase and field.name not in _NAMED and is_plain_word(text):
        return Term(text, field.name)
    text = without_tex_accents(text)
    if field.kind is Kind.DATE:
        return read_range(field, text, position=position, now=now, notes=notes)
    if field.kind is Kind.FLAG:
        return _read_flag(field, text, position=position)
    if field.kind is Kind.EXACT:
        return read_exact(field.name or "", text)
    if not query_tokens(text):
        return None
    if is_phrase:
        return read_phrase(field.name, text)
    return read_word(field, text, notes=notes)


def read_phrase(name: str | None, text: str) -> Node | None:
    text = " ".join(text.split())
    if name == "author":
        return read_author(text)
    if name == "venue":
        return read_venue(text)
    return Phrase(text, name)


def read_word(field: Field, text: str, *, notes: list[str]) -> Node | None:
    """A word with its star or tilde; in the default fields a bare date is that word or that time."""
    name = field.name
    if text.endswith("*") and _is_long_enough(text.rstrip("*~")):
        return Prefix(_plain(name, text.rstrip("*~")), name)
    word = text.rstrip("0123456789.")
    if word.endswith("~") and _DISTANCE.fullmatch(text[len(word) :]):
        distance, word = text[len(word) :].partition(".")[0], word.rstrip("*~")
        if distance and not distance.strip("0") and query_tokens(word):
            return read_word(field, word, notes=notes)  # word~0: the word itself
        if (tokens := query_tokens(word)) and all(len(token.folded) >= MIN_FUZZY for token in tokens):
            return _fuzzy(name, word, distance, notes=notes)
    if name == "author":
        return read_author(text)
    if name == "venue":
        return read_venue(text)
    if name is None and not field.typed and is_bare_date(text.strip(EDGE)):
        return date_or_word(text)
    return Term(text, name)


def date_or_word(text: str) -> Node:
    """``2017`` between other words: a paper of that time, or one that says so."""
    return Or((Term(text), bare_range(text.strip(EDGE))))


def only_date(node: Node) -> Range | None:
    """The time that a bare date names where it is the whole query: then nobody looks for the word."""
    if isinstance(node, Or) and isinstance(node.children[0], Term) and is_bare_date(node.children[0].text.strip(EDGE)):
        return bare_range(node.children[0].text.strip(EDGE)) if node == date_or_word(node.children[0].text) else None
    return None


def bare_range(text: str) -> Range:
    return _range("date", read_span(text, now=date.min))


def read_range(field: Field, text: str, *, position: int, now: date, notes: list[str]) -> Range | None:
    if text.strip() in ("", "*"):
        return None
    try:
        span = read_span(text, now=now)
    except DateError as exc:
        raise QuerySyntaxError(exc.message, position=position, cure=exc.cure) from exc
    if span.swapped:
        notes.append(_("The range %(range)s runs backwards; its ends were exchanged.") % {"range": text[:60]})
    return _range(field.name or "date", span)


def _range(name: str, span: Span) -> Range:
    """Whole years are compared with a paper's year, which every paper has; days with its date."""
    if name in ("date", "year"):
        name = "year" if span.by_year else "date"
    return Range(name, span.start, span.end, span.relative)


def read_exact(name: str, text: str) -> Node | None:
    """A category, id or DOI; several after commas are alternatives."""
    parts = [text] if name == "doi" else text.split(",")
    found = [node for part in parts if (node := _one_exact(name, part)) is not None]
    if len(found) > 1:
        return Or(tuple(found))
    return found[0] if found else None


def _one_exact(name: str, text: str) -> Node | None:
    text = " ".join(text.replace('"', " ").split())
    value = text.rstrip("* ")
    if not any(map(str.isalnum, value)):
        return None
    if name == "category":
        return read_category(value, is_prefix=value != text)
    identifier = parse_identifier(value) if value == text else None
    if identifier is not None:
        return Exact("doi" if identifier.source == "doi" else "id", identifier.value.lower())
    return Exact(name, value.lower(), is_prefix=value != text)


def read_category(value: str, *, is_prefix: bool) -> Node:
    """A category code in its usual spelling and by its one name; an archive is all of its classes."""
    folded = value.lower()
    archive = folded.rstrip(".")
    if archive in ARCHIVES:
        return Or((Exact("category", archive), *_with_aliases(f"{archive}.")))
    if not is_prefix:
        return Exact("category", fold_category(_SPELLINGS.get(folded, value)))
    spelling = next((code[: len(value)] for low, code in _SPELLINGS.items() if low.startswith(folded)), value)
    found = _with_aliases(spelling)
    return Or(found) if len(found) > 1 else found[0]


def _with_aliases(prefix: str) -> tuple[Exact, ...]:
    """The classes that begin so, and those listed elsewhere that have such a name too."""
    elsewhere = {code for alias, code in CATEGORY_ALIASES.items() if alias.startswith(prefix)}
    others = sorted(code for code in elsewhere if not code.startswith(prefix))
    return (Exact("category", prefix, is_prefix=True), *(Exact("category", code) for code in others))


def read_venue(text: str) -> Node:
    """``ICLR``, or ``ICLR.2025`` and ``"ICLR 2025"`` for one year of it: the year stands among a venue's words."""
    name = text[:-4].rstrip(" .'’")
    if len(name) < len(text) - 4 and _YEAR.fullmatch(text[-4:]) and any(map(str.isalpha, name)):
        return And((_venue_words(name), Term(text[-4:], "venue")))
    return _venue_words(text)


def _venue_words(text: str) -> Node:
    return Phrase(text, "venue") if " " in text else Term(text, "venue")


def _read_flag(field: Field, text: str, *, position: int) -> Flag:
    kind, value = field.name or "", " ".join(text.replace('"', " ").split())
    known = FLAG_VALUES.get(kind)
    if known is None and value:
        return Flag(kind, value)
    if known is None or value.lower() not in known:
        choice = ", ".join(f"{kind}:{name}" for name in known) if known else _("in:name of a collection")
        raise QuerySyntaxError(
            _("%(kind)s: has no value “%(value)s”") % {"kind": kind, "value": value[:40]},
            position=position,
            cure=_("Write one of: %(choice)s.") % {"choice": choice},
        )
    return Flag(kind, value.lower())


def _fuzzy(name: str | None, word: str, distance: str, *, notes: list[str]) -> Fuzzy:
    wanted = int(distance[:3] or 1)
    if wanted > 2:
        notes.append(_("“~” looks at most two letters away; %(word)s~2 was searched.") % {"word": word[:40]})
    return Fuzzy(_plain(name, word), name, 2 if wanted > 1 else 1)


def without_tex_accents(text: str) -> str:
    """``Schr\\"odinger`` as ``Schrödinger``, where that leaves a plain word or phrase."""
    if "\\" not in text:
        return text
    decoded = decode_tex_accents(text)
    pieces = decoded.split()
    is_plain = bool(pieces) and all(_ONE_WORD.fullmatch(piece) for piece in pieces)
    is_stable = len(pieces) == len(text.split()) and decode_tex_accents(decoded) == decoded
    return decoded if is_plain and is_stable else text


def _plain(name: str | None, word: str) -> str:
    """arXiv's API writes the blanks of a name as underscores."""
    return word.replace("_", " ").strip() if name == "author" else word


def _is_long_enough(beginning: str) -> bool:
    tokens = query_tokens(beginning)
    return (
        bool(tokens)
        and unicodedata.category(beginning[-1])[0] in "LMN"
        and (len(tokens[-1].text) >= MIN_PREFIX_CHARS or tokens[-1].is_unspaced)
    )
