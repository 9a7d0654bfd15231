"""What of a cited work each format carries: written and read again, these fields are as before.

The table of ``docs/reference/citations.md`` shows :data:`CARRIED`, and the round trip of
``tests/coolpapers/papers/citations/test_carried.py`` holds every format to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from coolpapers.papers.citations.work import CitedWork, Kind

# What all formats carry.
_ALWAYS = frozenset(
    {
        "title", "authors", "editors", "year", "container", "volume", "issue", "pages", "publisher",
        "report_number", "note", "doi", "arxiv_id", "url",
    }
)  # fmt: skip
# The formats without a word for a volume of proceedings call it a book.
_NO_PROCEEDINGS = {Kind.PROCEEDINGS: Kind.BOOK}


@dataclass(frozen=True, slots=True)
class Carried:
    """Fields of a :class:`~coolpapers.papers.citations.work.CitedWork` that a format carries.

    ``source`` is the entry of ``settings.PAPER_SOURCES`` that reads the format. ``kinds`` names the kinds of works that
    come back as another kind; ``preprints_of`` says whether preprints outside arXiv stay preprints.
    """

    source: str
    fields: frozenset[str]
    kinds: Mapping[Kind, Kind] = field(default_factory=dict)
    preprints_outside_arxiv: bool = False
    tex: bool = False  # text-mode commands (\emph{…}) of titles stay

    def kind_of(self, kind: Kind, *, arxiv_id: str) -> Kind:
        """The kind that a work has after it was written and read."""
        if kind is Kind.PREPRINT and not arxiv_id and not self.preprints_outside_arxiv:
            return Kind.OTHER
        return self.kinds.get(kind, kind)


CARRIED: dict[str, Carried] = {
    # As arXiv writes it: without abstract, keywords and days.
    "bibtex": Carried("bibtex", _ALWAYS | {"primary_class"}, tex=True),
    "ris": Carried("ris", _ALWAYS | {"date", "event", "abstract", "keywords", "pdf_url"}, _NO_PROCEEDINGS),
    "csl": Carried(
        "csl-json", _ALWAYS | {"date", "event", "abstract", "keywords"}, _NO_PROCEEDINGS, preprints_outside_arxiv=True
    ),
    "endnote": Carried("endnote", _ALWAYS | {"date", "abstract", "keywords", "pdf_url"}, _NO_PROCEEDINGS),
}


def carried_table() -> str:
    """The table as Markdown: a row for each field, a column for each format."""
    names = [field.name for field in fields(CitedWork) if field.name not in ("key", "kind")]
    rows = [
        f"| `{name}` | {' | '.join('yes' if name in carried.fields else '' for carried in CARRIED.values())} |"
        for name in names
    ]
    head = f"| field | {' | '.join(f'`{name}`' for name in CARRIED)} |"
    kinds = f"| kind | {' | '.join(_kinds_note(carried) for carried in CARRIED.values())} |"
    return "\n".join([head, f"|---{'|---' * len(CARRIED)}|", kinds, *rows])


def _kinds_note(carried: Carried) -> str:
    notes = [f"{written.value} as {read.value}" for written, read in carried.kinds.items()]
    if not carried.preprints_outside_arxiv:
        notes.append("preprint outside arXiv as other")
    return "yes, but " + ", ".join(notes) if notes else "yes"
