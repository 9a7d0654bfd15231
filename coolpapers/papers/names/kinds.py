"""The kinds of publication that the catalogue tells apart."""

from __future__ import annotations

JOURNAL = "journal"  # an article of a journal, magazine or newspaper
CONFERENCE = "conference"  # a paper of a conference or workshop
CHAPTER = "chapter"  # a part of a book
BOOK = "book"
PROCEEDINGS = "proceedings"  # a volume as a whole
THESIS = "thesis"
REPORT = "report"
PREPRINT = "preprint"
SOFTWARE = "software"
DATASET = "dataset"
WEBPAGE = "webpage"
OTHER = "other"

KINDS = (
    JOURNAL, CONFERENCE, CHAPTER, BOOK, PROCEEDINGS, THESIS, REPORT, PREPRINT, SOFTWARE, DATASET, WEBPAGE, OTHER
)  # fmt: skip
