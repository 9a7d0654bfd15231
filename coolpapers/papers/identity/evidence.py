"""What a record says about which work it describes. Pure. Start at :func:`evidence_of`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coolpapers.papers.citations.journal_refs import parse_journal_ref
from coolpapers.papers.identity.dois import is_container_doi, is_preprint_doi
from coolpapers.papers.names.venues import series_name

FILE = "file"  # the source of own files
# Sources that give ids to what they publish; two ids of one of them are two works.
_NO_REGISTRIES = frozenset({FILE, "arxiv", "doi"})
_UNPUBLISHED_TRACKS = ("reject", "withdrawn", "desk", "submi")


# Kinds of publication (names/kinds.py) between which one title by the same people is two works; preprints may be all.
_FAMILIES = {
    "journal": "paper",
    "conference": "paper",
    "chapter": "paper",
    "book": "book",
    "proceedings": "book",
    "thesis": "thesis",
    "software": "software",
    "dataset": "dataset",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record as far as its work can be told by it.

    ``years`` is the span from the first to the last year that a preprint names, one year for other records. ``doi`` is
    empty where it names a container. ``family`` is empty where the kind is not known or may be any.
    """

    key: str
    source: str
    ident: str
    title: str
    authors: tuple[str, ...]
    arxiv_id: str = ""
    doi: str = ""
    years: tuple[int, int] | None = None
    venue: str = ""  # slug of the series
    venue_name: str = ""
    journal_ref: str = ""
    volume: str = ""
    issue: str = ""
    first_page: str = ""
    abstract: str = ""
    family: str = ""
    is_pdf: bool = False
    is_workshop: bool = False  # of the conference that ``venue`` names
    is_unpublished: bool = False  # rejected or withdrawn at the venue

    @property
    def is_registry(self) -> bool:
        return self.source not in _NO_REGISTRIES

    @property
    def is_known_venue(self) -> bool:
        """Whether the venue is one of the series we know, or a registry's own word."""
        return bool(self.venue) and (self.is_registry or bool(series_name(self.venue)))

    @property
    def is_preprint(self) -> bool:
        return not self.venue and (self.source == "arxiv" or bool(self.arxiv_id) or is_preprint_doi(self.doi))

    @property
    def is_published(self) -> bool:
        return bool(self.venue) or self.is_registry


def evidence_of(key: str, source: str, ident: str, content: Mapping[str, Any]) -> Evidence:
    """The evidence in a record's content (see :func:`coolpapers.papers.records.record.content_of`)."""
    reference = parse_journal_ref(content["journal_ref"])
    is_preprint = source == "arxiv" or bool(content["arxiv_id"])
    return Evidence(
        key=key,
        source=source,
        ident=ident,
        title=content["title"],
        authors=tuple(content["authors"]),
        arxiv_id=content["arxiv_id"],
        doi=own_doi(source, ident, content["doi"]),
        years=_years(content, is_preprint=is_preprint and not content["venue_slug"]),
        venue=content["venue_slug"],
        venue_name=content["venue_name"] or content["venue_text"],
        journal_ref=reference.container,
        volume=content["volume"] or reference.volume,
        issue=content["issue"] or reference.issue,
        first_page=_first_page(content["pages"] or reference.pages),
        abstract=content["abstract"],
        family=_FAMILIES.get(content["kind"], ""),
        is_pdf=source == FILE and ident.startswith("pdf-"),
        is_workshop="workshop" in f"{content['track']} {content['venue_text']}".lower(),
        is_unpublished=content["track"].lower().startswith(_UNPUBLISHED_TRACKS),
    )


def own_doi(source: str, ident: str, doi: str) -> str:
    """The DOI that is the record's own: empty for that of the volume it stands in."""
    doi = doi or (ident if source == "doi" else "")
    return "" if not doi or is_container_doi(doi) else doi


def _years(content: Mapping[str, Any], *, is_preprint: bool) -> tuple[int, int] | None:
    if is_preprint:
        found = [content[name].year for name in ("submitted", "updated") if content[name]]
        found += [content["year"]] if content["year"] else []
        return (min(found), max(found)) if found else None
    year = content["venue_year"] or content["year"]
    return (year, year) if year else None


def _first_page(pages: str) -> str:
    return pages.partition("-")[0].lstrip("0").lower()
