"""One word or phrase of a query, with its field, as a leaf of the tree. Start at :func:`read_value`.

Some leaves are small trees: a bare ``2017`` is the word or the year, ``cat:cs`` an archive with its classes,
``au:"Geoffrey Hinton"`` the words or the author. ``search.language.unparse`` recognises these trees by calling the same
functions, so no other module may build them.
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
MIN_FUZZY = 3  # letters: a shorter word is one edit away from nearly every short word

_SPELLINGS = {code.lower(): code for code in (*CATEGORY_NAMES, *CATEGORY_ALIASES, *OLD_ARCHIVES)}
_DISTANCE = re.compile(r"\d*(?:\.\d*)?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
# A word that parses to itself after its TeX accents are decoded.
_ONE_WORD = re.compile(r"[^\W\d_][^\s()（）\"“”„‟«»＂「」『』〝〞:*~]*")
_NAMED = ("author", "venue")  # fields whose words are read as names
EDGE = ".,;:!?，。；：！？、"


def read_value(field: Field, text: str, *, is_phrase: bool, position: int, now: date, notes: list[str]) -> Node | None:
    """The leaf of a word or a quoted phrase; None if it has no token to search for (``&``, ``""``).

    Appends messages for the reader to ``notes``. Raises QuerySyntaxError for an invalid date or flag.
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
    """A word with its ``*`` or ``~``. In the default fields a bare date is the word or the date."""
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
    """``2017`` beside other words: a paper that contains it, or a paper of that time."""
    return Or((Term(text), bare_range(text.strip(EDGE))))


def only_date(node: Node) -> Range | None:
    """The range of a bare date that is the whole query, and so means the date only. None for other nodes."""
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
        notes.append(_("The range %(range)s ends before it starts; its ends were swapped.") % {"range": text[:60]})
    return _range(field.name or "date", span)


def _range(name: str, span: Span) -> Range:
    """Whole years are compared with the year of a paper, which every paper has; days with its date."""
    if name in ("date", "year"):
        name = "year" if span.by_year else "date"
    return Range(name, span.start, span.end, span.relative)


def read_exact(name: str, text: str) -> Node | None:
    """A category, id, DOI or whole name. Commas separate alternatives, but for DOIs and names, which contain some."""
    parts = [text] if name in ("doi", "exactauthor") else text.split(",")
    nodes = [node for part in parts if (node := _exact_value(name, part)) is not None]
    if len(nodes) > 1:
        return Or(tuple(nodes))
    return nodes[0] if nodes else None


def _exact_value(name: str, text: str) -> Node | None:
    text = " ".join(text.replace('"', " ").split())
    value = text.rstrip("* ")
    if not any(map(str.isalnum, value)):
        return None
    if name == "exactauthor":
        return Exact(name, value)
    if name == "category":
        return read_category(value, is_prefix=value != text)
    identifier = parse_identifier(value) if value == text else None
    if identifier is not None:
        return Exact("doi" if identifier.source == "doi" else "id", identifier.value.lower())
    return Exact(name, value.lower(), is_prefix=value != text)


def read_category(value: str, *, is_prefix: bool) -> Node:
    """A category code in its canonical spelling, aliases folded. An archive stands for all its classes."""
    folded = value.lower()
    archive = folded.rstrip(".")
    if archive in ARCHIVES:
        return Or((Exact("category", archive), *_with_aliases(f"{archive}.")))
    if not is_prefix:
        return Exact("category", fold_category(_SPELLINGS.get(folded, value)))
    spelling = next((code[: len(value)] for low, code in _SPELLINGS.items() if low.startswith(folded)), value)
    codes = _with_aliases(spelling)
    return Or(codes) if len(codes) > 1 else codes[0]


def _with_aliases(prefix: str) -> tuple[Exact, ...]:
    """The classes that begin with the prefix, and the classes that have an alias that does."""
    aliased = {code for alias, code in CATEGORY_ALIASES.items() if alias.startswith(prefix)}
    unprefixed = sorted(code for code in aliased if not code.startswith(prefix))
    return (Exact("category", prefix, is_prefix=True), *(Exact("category", code) for code in unprefixed))


def read_venue(text: str) -> Node:
    """``ICLR``, or one year of it (``ICLR.2025``, ``"ICLR 2025"``): the year is one of the venue's words."""
    name = text[:-4].rstrip(" .'’")
    if len(name) < len(text) - 4 and _YEAR.fullmatch(text[-4:]) and any(map(str.isalpha, name)):
        return And((_venue_words(name), Term(text[-4:], "venue")))
    return _venue_words(text)


def _venue_words(text: str) -> Node:
    return Phrase(text, "venue") if " " in text else Term(text, "venue")


def _read_flag(field: Field, text: str, *, position: int) -> Flag:
    kind, value = field.name or "", " ".join(text.replace('"', " ").split())
    valid_values = FLAG_VALUES.get(kind)
    if valid_values is None and value:
        return Flag(kind, value)
    if valid_values is None or value.lower() not in valid_values:
        choices = [f"{kind}:{name}" for name in valid_values or ()] or [_("in:name of a collection")]
        raise QuerySyntaxError(
            _("Unknown value “%(value)s” for %(kind)s:") % {"kind": kind, "value": value[:40]},
            position=position,
            cure=_("Write one of: %(choice)s.") % {"choice": ", ".join(choices)},
        )
    return Flag(kind, value.lower())


def _fuzzy(name: str | None, word: str, distance: str, *, notes: list[str]) -> Fuzzy:
    n_edits = int(distance[:3] or 1)
    if n_edits > 2:
        notes.append(_("“~” allows at most two edits; %(word)s~2 was searched.") % {"word": word[:40]})
    return Fuzzy(_plain(name, word), name, 2 if n_edits > 1 else 1)


def without_tex_accents(text: str) -> str:
    """``Schr\\"odinger`` as ``Schrödinger``, if the result is a plain word or phrase."""
    if "\\" not in text:
        return text
    decoded = decode_tex_accents(text)
    pieces = decoded.split()
    is_plain = bool(pieces) and all(_ONE_WORD.fullmatch(piece) for piece in pieces)
    is_stable = len(pieces) == len(text.split()) and decode_tex_accents(decoded) == decoded
    return decoded if is_plain and is_stable else text


def _plain(name: str | None, word: str) -> str:
    """arXiv's API writes the spaces of a name as underscores."""
    return word.replace("_", " ").strip() if name == "author" else word


def _is_long_enough(prefix: str) -> bool:
    tokens = query_tokens(prefix)
    return (
        bool(tokens)
        and unicodedata.category(prefix[-1])[0] in "LMN"
        and (len(tokens[-1].text) >= MIN_PREFIX_CHARS or tokens[-1].is_unspaced)
    )
