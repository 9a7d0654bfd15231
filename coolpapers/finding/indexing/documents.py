"""Papers as documents for an index, read from the database in order of revision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from coolpapers.papers.files.files import FILE_SOURCE
from coolpapers.papers.models import Paper, PaperSource, Tombstone
from coolpapers.reading.summaries.selectors import papers_with_summary
from search.engines.documents import Document

# Rows per batch: about 3 MB of text, and one further query for their sources.
BATCH_SIZE = 2_000


def iterate_documents(after: int = 0) -> Iterator[tuple[int, Document]]:
    """Revision and document of every paper changed after a revision, in order of revision. Memory use is constant."""
    rows = Paper.objects.filter(revision__gt=after).order_by("revision", "pk").values_list(*_COLUMNS)
    stream = rows.iterator(chunk_size=BATCH_SIZE)
    while batch := list(islice(stream, BATCH_SIZE)):
        papers = [row[0] for row in batch]
        sources, summarized = _sources(papers), papers_with_summary(papers)
        for row in batch:
            yield row[1], _document(row, sources.get(row[0], _Sources()), has_summary=row[0] in summarized)


def removed_keys(after: int = 0) -> list[str]:
    """Keys of papers deleted after a revision and not added again."""
    tombstones = Tombstone.objects.filter(revision__gt=after)
    return list(tombstones.exclude(key__in=Paper.objects.values("key")).values_list("key", flat=True))


_COLUMNS = (
    "pk",
    "revision",
    "key",
    "title",
    "abstract",
    "authors",
    "comment",
    "journal_ref",
    "venue__slug",
    "venue__name",
    "venue_year",
    "venue_text",
    "categories",
    "year",
    "submitted",
    "updated",
    "announced",
    "doi",
    "arxiv_id",
    "pdf_url",
    "code_url",
    "affiliations",
    "report_numbers",
)


@dataclass(slots=True)
class _Sources:
    """Values of a paper's source records: all identifiers, and whether one of them has a PDF."""

    idents: list[str] = field(default_factory=list)
    has_pdf: bool = False


def _document(row: tuple[Any, ...], sources: _Sources, *, has_summary: bool) -> Document:
    (_, _, key, title, abstract, authors, comment, journal, slug, name, venue_year, venue_text) = row[:12]
    (
        categories,
        year,
        submitted,
        updated,
        announced,
        doi,
        arxiv_id,
        pdf_url,
        code_url,
        affiliations,
        report_numbers,
    ) = row[12:]
    day = announced or submitted
    # has:pdf matches what a card shows: a PDF address, a paper of arXiv, or a file of the reader.
    has_pdf = bool(pdf_url or arxiv_id or sources.has_pdf)
    flags = [flag for flag, is_set in (("pdf", has_pdf), ("code", code_url), ("summary", has_summary)) if is_set]
    idents = {key.lower(), *sources.idents}
    if arxiv_id:
        idents.add(arxiv_id.lower())
    return {
        "key": key,
        "title": title,
        "abstract": abstract,
        "authors": authors,
        "comment": comment,
        "journal": journal,
        "venue": " ".join(filter(None, (slug, str(venue_year or ""), name, venue_text))) if slug else venue_text,
        "venue_facet": f"{slug} {venue_year or ''}".rstrip() if slug else "",
        "categories": categories,
        "year": year or (day.year if day else 0),
        "date": day.toordinal() if day else 0,
        "updated": updated.toordinal() if updated else 0,
        "doi": doi,
        "idents": sorted(idents),
        "affiliations": affiliations,
        "report_numbers": report_numbers,
        "flags": flags,
    }


def _sources(paper_ids: list[int]) -> dict[int, _Sources]:
    """The identifiers of the papers' sources, with and without the source's name, and whether they have a PDF."""
    sources: dict[int, _Sources] = {}
    rows = PaperSource.objects.filter(paper_id__in=paper_ids).values_list(
        "paper_id", "key", "ident", "source", "pdf_url"
    )
    for paper_id, key, ident, source, pdf_url in rows.iterator(chunk_size=BATCH_SIZE):
        paper = sources.setdefault(paper_id, _Sources())
        paper.idents.extend((key.lower(), ident.lower()))
        paper.has_pdf |= bool(pdf_url) or (source == FILE_SOURCE and ident.startswith("pdf-"))
    return sources
