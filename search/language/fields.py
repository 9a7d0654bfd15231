"""The names that may stand before a colon in a query, and what each asks for.

The short and camel-case ones are those of arXiv's API, so that its queries work here unchanged. A capital
letter decides: ``Co:ZnO`` is a material and ``TI:`` a field, so names of two or three letters are known only
in the spellings listed.
"""

from __future__ import annotations

import difflib
import enum
import re
from dataclasses import dataclass


class Kind(enum.Enum):
    TEXT = "words"
    EXACT = "a whole value"
    DATE = "a date or a range"
    FLAG = "a property"


@dataclass(frozen=True, slots=True)
class Field:
    """What a name before a colon means. ``name`` is the field in the tree; None stands for the default fields."""

    kind: Kind
    name: str | None
    typed: str = ""  # as the reader wrote it, for messages


DEFAULT = Field(Kind.TEXT, None)

_NAMES: dict[Kind, dict[str | None, str]] = {
    Kind.TEXT: {
        None: "all any rn report",
        "title": "ti title",
        "author": "au author authors",
        "abstract": "abs abstract",
        "comment": "co comment comments",
        "journal": "jr journal journal_ref",
        "venue": "venue",
        "note": "note notes",
    },
    Kind.EXACT: {"category": "cat category", "id": "id arxiv", "doi": "doi"},
    Kind.DATE: {
        "date": "date submitted submitteddate",
        "updated": "updated lastupdated lastupdateddate",
        "year": "year",
    },
    Kind.FLAG: {"has": "has", "is": "is", "in": "in"},
}
_OTHER_SPELLINGS = {
    "AU": "au",
    "TI": "ti",
    "ABS": "abs",
    "CAT": "cat",
    "DOI": "doi",
    "arXiv": "arxiv",
    "ArXiv": "arxiv",
    "submittedDate": "submitteddate",
    "lastUpdated": "lastupdated",
    "lastUpdatedDate": "lastupdateddate",
}
# After these a blank may follow the colon. The others begin or end titles too often ("One for All: Towards …").
_MAY_BE_SPACED = frozenset({
    "ti", "au", "abs", "cat", "id", "doi", "title", "author", "authors", "abstract", "category", "year",
    "date", "submittedDate", "Title", "Author", "Authors", "Abstract", "Category", "DOI", "arXiv", "Year",
    "Date",
})  # fmt: skip
FLAG_VALUES = {
    "has": ("summary", "code", "pdf"),
    "is": ("starred", "unread", "read", "hidden"),
}


def _known_names() -> dict[str, Field]:
    known: dict[str, Field] = {}
    for kind, fields in _NAMES.items():
        for name, spellings in fields.items():
            for spelling in spellings.split():
                known[spelling] = Field(kind, name, spelling)
                if len(spelling) > 3:
                    known.setdefault(spelling.capitalize(), Field(kind, name, spelling.capitalize()))
                    known.setdefault(spelling.upper(), Field(kind, name, spelling.upper()))
    for spelling, lower in _OTHER_SPELLINGS.items():
        known[spelling] = Field(known[lower].kind, known[lower].name, spelling)
    return known


FIELDS = _known_names()
FIELD_NAME = re.compile(r"([A-Za-z_]{2,20}):")
DATE_NAMES = frozenset(name for name, field in FIELDS.items() if field.kind is Kind.DATE)
_ANY_DATE = "|".join(sorted(DATE_NAMES, key=len, reverse=True))
_SIGN = "(?:[<>]=?|[=≥≤])"
# year>2020 and year > 2020: a comparison needs no colon where a digit follows.
COMPARISON = re.compile(rf"({_ANY_DATE})(?:(?={_SIGN}\d)|\s+(?={_SIGN}\s+\d))")


def may_be_spaced(name: str) -> bool:
    """Whether ``name: value`` with a blank is this field."""
    return name in _MAY_BE_SPACED


def nearest_field(name: str) -> str | None:
    """The field that a misspelt name was probably meant to be: ``titel`` → ``title``."""
    if name in FIELDS or len(name) < 4 or not name.islower():
        return None
    near = difflib.get_close_matches(name, [known for known in FIELDS if known.islower()], n=1, cutoff=0.75)
    return near[0] if near else None
