"""EndNote's names of reference types, which its tagged form and its XML share."""

from __future__ import annotations

from coolpapers.papers.names import kinds

_KINDS = {
    "journal article": kinds.JOURNAL,
    "electronic article": kinds.JOURNAL,
    "magazine article": kinds.JOURNAL,
    "newspaper article": kinds.JOURNAL,
    "conference paper": kinds.CONFERENCE,
    "conference proceedings": kinds.CONFERENCE,  # EndNote's type of papers in them
    "book section": kinds.CHAPTER,
    "electronic book section": kinds.CHAPTER,
    "encyclopedia": kinds.CHAPTER,
    "book": kinds.BOOK,
    "edited book": kinds.BOOK,
    "electronic book": kinds.BOOK,
    "thesis": kinds.THESIS,
    "report": kinds.REPORT,
    "government document": kinds.REPORT,
    "standard": kinds.REPORT,
    "patent": kinds.REPORT,
    "computer program": kinds.SOFTWARE,
    "dataset": kinds.DATASET,
    "online database": kinds.DATASET,
    "web page": kinds.WEBPAGE,
    "blog": kinds.WEBPAGE,
    "preprint": kinds.PREPRINT,
}
# Numbers of the types, for records that give no names.
_NUMBERS = {
    "5": "book section", "6": "book", "9": "computer program", "10": "conference proceedings", "12": "web page",
    "17": "journal article", "19": "magazine article", "23": "newspaper article", "25": "patent", "27": "report",
    "28": "edited book", "32": "thesis", "43": "electronic article", "44": "electronic book", "45": "online database",
    "46": "government document", "47": "conference paper", "53": "encyclopedia", "56": "blog", "58": "standard",
    "59": "dataset", "60": "electronic book section",
}  # fmt: skip


def kind_of(name: str) -> str:
    """Our kind of one of EndNote's types, by its name or number."""
    folded = name.strip().lower()
    return _KINDS.get(_NUMBERS.get(folded, folded), kinds.OTHER)
