"""The metadata formats of the repository, and papers in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from coolpapers.api.oai.errors import OaiError
from coolpapers.api.oai.formats import arxiv, dublin_core
from coolpapers.api.oai.formats.work import write_work
from coolpapers.papers.importing.stored_records import StoredRecord, load_records, load_versions
from coolpapers.papers.models import MirroredRecord, Paper
from coolpapers.papers.sources import site_records


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """``schema`` is the address of its XML schema; one that begins with ``/`` is on this site."""

    prefix: str
    schema: str
    namespace: str


FORMATS = {
    "oai_dc": MetadataFormat("oai_dc", dublin_core.SCHEMA, dublin_core.NAMESPACE),
    "arXiv": MetadataFormat("arXiv", arxiv.SCHEMA, arxiv.NAMESPACE),
    site_records.PREFIX: MetadataFormat(site_records.PREFIX, "/oai/coolpapers.xsd", site_records.NAMESPACE),
}


def formats_of(key: str, paper: Paper | None) -> list[MetadataFormat]:
    """The formats in which a paper can be given; a deleted one (None) has those that its key allows."""
    is_at_arxiv = bool(paper.arxiv_id) if paper else key.startswith("arxiv:")
    return [form for form in FORMATS.values() if form.prefix != "arXiv" or is_at_arxiv]


def check_format(prefix: str) -> None:
    """Raises OaiError for a prefix that is none of the repository's."""
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"metadataPrefix must be one of {', '.join(FORMATS)}")


def load_origins(papers: Sequence[Paper]) -> dict[str, MirroredRecord]:
    """Where the records of papers come from, by record key, for those that another library gave."""
    return {row.key: row for row in MirroredRecord.objects.filter(key__in=_record_keys(papers))}


def _record_keys(papers: Sequence[Paper]) -> list[str]:
    return [source.key for paper in papers for source in paper.sources.all()]


def write_metadata(
    papers: Sequence[Paper], prefix: str, *, origins: dict[str, MirroredRecord], site: str
) -> dict[int, etree._Element]:
    """The papers in one format, by primary key; they must be loaded with venue and sources. ``site`` ends without /."""
    if prefix == "arXiv":
        return {paper.pk: arxiv.write_arxiv(paper) for paper in papers}
    if prefix == "oai_dc":
        return {
            paper.pk: dublin_core.write_dublin_core(paper, page_url=site + paper.get_absolute_url()) for paper in papers
        }
    by_pk = {paper.pk: paper for paper in papers}
    records = load_records(by_pk, load_versions(by_pk))
    by_paper: dict[int, list[StoredRecord]] = {pk: [] for pk in by_pk}
    for record in records.values():
        by_paper[record.row.paper_id].append(record)
    schema = site + FORMATS[prefix].schema
    return {pk: write_work(by_pk[pk].key, found, origins=origins, schema=schema) for pk, found in by_paper.items()}
