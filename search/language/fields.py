"""Field names of the query language (the word before a colon), and the kind of value that each takes.

The short and camel-case names are those of arXiv's API, so that its queries work unchanged. Names of two or three
letters are case-sensitive, because ``Co:ZnO`` is a material and ``TI:`` a field.
"""

from __future__ import annotations

import difflib
import enum
import re
from dataclasses import dataclass

from search.vocabulary.identifier_forms import SOURCE_LABELS


class Kind(enum.Enum):
    TEXT = "words"
    EXACT = "a whole value"
    DATE = "a date or a range"
    FLAG = "a property"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as named in a query. ``name`` is the field in the tree; None means the default fields."""

    kind: Kind
    name: str | None
    typed: str = ""  # the name as written, for messages


DEFAULT = Field(Kind.TEXT, None)

_NAMES: dict[Kind, dict[str | None, str]] = {
    Kind.TEXT: {
        None: "all any",
        "title": "ti title",
        "author": "au author authors",
        "abstract": "abs abstract",
        "comment": "co comment comments",
        "journal": "jr journal journal_ref",
        "venue": "venue",
        "affiliation": "aff affiliation affiliations",
        "report": "rn report report_number",
        "note": "note notes",
    },
    Kind.EXACT: {"category": "cat category", "id": "id arxiv", "doi": "doi", "exactauthor": "ea exactauthor"},
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
# Names that may have a space after the colon. The others occur too often in titles ("One for All: Towards …").
_MAY_BE_SPACED = frozenset({
    "ti", "au", "abs", "cat", "id", "doi", "title", "author", "authors", "abstract", "category", "year",
    "date", "submittedDate", "Title", "Author", "Authors", "Abstract", "Category", "DOI", "arXiv", "Year",
    "Date",
})  # fmt: skip
FLAG_VALUES = {
    "has": ("summary", "code", "pdf"),
    "is": ("starred", "unread", "read", "hidden"),
}


def _fields_by_name() -> dict[str, Field]:
    by_name: dict[str, Field] = {}
    for kind, fields in _NAMES.items():
        for name, spellings in fields.items():
            for spelling in spellings.split():
                by_name[spelling] = Field(kind, name, spelling)
                if len(spelling) > 3:
                    by_name.setdefault(spelling.capitalize(), Field(kind, name, spelling.capitalize()))
                    by_name.setdefault(spelling.upper(), Field(kind, name, spelling.upper()))
    for spelling, lower in _OTHER_SPELLINGS.items():
        by_name[spelling] = Field(by_name[lower].kind, by_name[lower].name, spelling)
    return by_name


FIELDS = _fields_by_name()
FIELD_NAME = re.compile(r"([A-Za-z_]{2,20}):")
DATE_NAMES = frozenset(name for name, field in FIELDS.items() if field.kind is Kind.DATE)
_ANY_DATE = "|".join(sorted(DATE_NAMES, key=len, reverse=True))
_SIGN = "(?:[<>]=?|[=≥≤])"
# year>2020 and year > 2020: a comparison needs no colon where a digit follows.
COMPARISON = re.compile(rf"({_ANY_DATE})(?:(?={_SIGN}\d)|\s+(?={_SIGN}\s+\d))")


def may_be_spaced(name: str) -> bool:
    """Whether ``name: value`` with a space after the colon is the field."""
    return name in _MAY_BE_SPACED


# Fields that a hint suggests where no field has a similar name.
COMMON_FIELDS = ("ti", "au", "abs", "cat", "venue", "year")
# Names of our fields on other sites and in other languages.
_FOREIGN_NAMES = {
    "title": "intitle inti titre titulo titolo headline 标题 题目 题名",
    "author": "inauthor auteur auth aut by writer firstauthor first_author name creator 作者",
    "abstract": "inabstract abst tldr 摘要",
    "venue": "conference conf booktitle publisher source 会议",
    "journal": "journalref revue zeitschrift 期刊",
    "affiliation": "affil institution institutions institute university organization organisation 机构 单位",
    "report": "reportno report_no reportnumber reportnum 报告号",
    "category": "subject subjects class kategorie primaryclass 类别 分类",
    "id": "arxivid arxiv_id eprint identifier",
    "date": "published publicationdate publication_date from since before after pubdate 日期",
    "year": "yr jahr annee ano anno 年 年份",
    "updated": "modified revised",
    "all": "keyword keywords kw key topic topics tag tags text fulltext full body 关键词",
}
_FOREIGN = {spelling: name for name, spellings in _FOREIGN_NAMES.items() for spelling in spellings.split()}
_ADDRESS_SCHEMES = frozenset({"http", "https", "mailto", "file", "data"})  # "data" is similar to "date"
_MIN_SIMILARITY = 0.75  # of difflib's ratio: autor and author have 0.91, theory and category 0.71


def may_be_field(name: str) -> bool:
    """Whether an unknown name before a colon probably means a field: ``topic``, but not ``https`` or ``Co``."""
    is_other = name in _ADDRESS_SCHEMES or name in SOURCE_LABELS  # acl:Q15-1022 is an identifier
    return name.isascii() and name.isalpha() and name.islower() and len(name) > 2 and not is_other


def nearest_field(name: str) -> str | None:
    """The field that an unknown name probably means: ``titel`` and ``intitle`` → ``title``."""
    folded = name.casefold()
    if name in FIELDS:
        return None
    if folded in _FOREIGN:
        return _FOREIGN[folded]
    if len(name) < 4 or not name.isalpha() or folded in _ADDRESS_SCHEMES:
        return None
    if folded in FIELDS:
        return folded
    lower_names = [spelling for spelling in FIELDS if spelling.islower()]
    similar = difflib.get_close_matches(folded, lower_names, n=1, cutoff=_MIN_SIMILARITY)
    return similar[0] if similar else None
