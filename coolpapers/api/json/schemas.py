"""Parameters and answers of the JSON API, as documented in OpenAPI."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

from coolpapers.api.resources.days import Day
from coolpapers.api.resources.lookup import MAX_IDS
from coolpapers.api.resources.papers import FIELDS
from coolpapers.api.resources.searching import MAX_START
from coolpapers.finding.pages.forms import FACETS
from coolpapers.papers.citations import FORMATS

MAX_LIMIT = 200
# Characters of a query or a list of ids in an address, which has at most 8,190 bytes behind gunicorn and nginx.
MAX_TEXT_CHARS = 8_000
_FIELDS = "Names of fields separated by commas, or all; see Paper."


def _listed(names: Iterable[str]) -> dict[str, Any]:
    """JSON schema of names separated by commas. It is documentation: the endpoints name the wrong one."""
    name = rf"\s*({'|'.join(names)})?\s*"
    return {"pattern": f"^{name}(,{name})*$"}


_FIELD_NAMES = (*FIELDS, "all")


class Range(Schema):
    """Days, both included."""

    from_day: Day | None = Field(None, alias="from", description="First day, as 2024-05-31.")
    to_day: Day | None = Field(None, alias="to", description="Last day.")


class SearchParameters(Range):
    q: str = Field("", max_length=MAX_TEXT_CHARS, description="The query, in the language of the search box.")
    sort: Literal["relevance", "newest", "oldest", "updated", "stars"] = "relevance"
    mode: Literal["bm25", "dense", "hybrid", "rerank"] | None = Field(None, description="Ranking stages.")
    category: list[str] = Field([], max_length=60, description="Only these categories; may be repeated.")
    venue: list[str] = Field([], max_length=60, description="Only these venues (ICLR, or ICLR 2025).")
    year: list[int] = Field([], max_length=60, description="Only these years.")
    facets: str = Field(
        "",
        max_length=60,
        description="Facets to count: category, venue, year, separated by commas.",
        json_schema_extra=_listed(FACETS),
    )
    explain: bool = Field(False, description="Explain the rank of each hit.")
    strict: bool = Field(True, description="Answer 400 if the query does not parse; false searches its plain words.")
    relaxing: bool = Field(True, description="If no paper has all words, return papers that have some, with a note.")
    start: int = Field(0, ge=0, le=MAX_START, description="Index of the first hit, from 0.")
    limit: int = Field(25, ge=1, le=MAX_LIMIT, description="Hits per page.")
    cursor: str = Field("", max_length=400, description="“next” of the previous page; takes precedence over start.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS, json_schema_extra=_listed(_FIELD_NAMES))


class RelatedParameters(Range):
    sort: Literal["similarity", "newest", "oldest", "stars"] = "similarity"
    mode: Literal["bm25", "dense", "hybrid", "rerank"] | None = Field(
        None, description="Signals that find and rank papers."
    )
    category: list[str] = Field([], max_length=60, description="Only these categories; may be repeated.")
    venue: list[str] = Field([], max_length=60, description="Only these venues.")
    year: list[int] = Field([], max_length=60, description="Only these years.")
    explain: bool = Field(False, description="Give the signals that found each paper, and the shared words.")
    start: int = Field(0, ge=0, le=1000)
    limit: int = Field(25, ge=1, le=MAX_LIMIT)
    fields: str | None = Field(None, max_length=400, description=_FIELDS, json_schema_extra=_listed(_FIELD_NAMES))


class ListParameters(Range):
    category: str = Field("", max_length=1000, description="cs.CL; several: cs.AI,cs.CL; excluding: cs-cs.CY.")
    venue: str = Field("", max_length=100, description="ICLR.2025, or ICLR for the latest year.")
    group: str = Field("", max_length=60, description="One track of the venue, such as Oral.")
    sort: Literal["newest", "oldest"] = "newest"
    limit: int = Field(25, ge=1, le=MAX_LIMIT)
    cursor: str = Field("", max_length=400, description="“next” of the previous page.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS, json_schema_extra=_listed(_FIELD_NAMES))


class BatchParameters(Schema):
    ids: str = Field(..., max_length=MAX_TEXT_CHARS, description=f"At most {MAX_IDS} ids separated by commas.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS, json_schema_extra=_listed(_FIELD_NAMES))


class PaperParameters(Schema):
    fields: str | None = Field(None, max_length=400, description=_FIELDS, json_schema_extra=_listed(_FIELD_NAMES))


class NoParameters(Schema):
    pass


class CiteParameters(Schema):
    format: str = Field("bibtex", max_length=20, json_schema_extra={"enum": list(FORMATS)})


class Batch(Schema):
    """The body of a request for many papers."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(
        ...,
        description=f"At most {MAX_IDS} ids: keys, arXiv ids, DOIs, addresses.",
        json_schema_extra={"maxItems": MAX_IDS},
    )
    fields: list[str] | None = Field(
        None, description="Names of fields.", json_schema_extra={"items": {"enum": list(_FIELD_NAMES)}}
    )


class PaperSchema(Schema):
    """One work. Only the requested fields are present; versions and summaries must be requested by name."""

    id: str = Field(..., description="The library's key, such as arxiv:1706.03762.")
    page: str = Field("", description="Its page on this site.")
    title: str = ""
    authors: list[str] = []
    abstract: str = ""
    abstract_label: str = Field("", description="Who wrote the abstract, if not the authors.")
    year: int | None = None
    submitted: date | None = None
    updated: date | None = None
    announced: date | None = Field(None, description="The day of its announcement.")
    categories: list[str] = Field([], description="Primary first.")
    venue: str = Field("", description="The series, such as ICLR.")
    venue_year: int | None = None
    venue_text: str = Field("", description="The venue as the source gives it.")
    track: str = ""
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    arxiv_id: str = ""
    url: str = Field("", description="Its page at the source.")
    pdf_url: str = ""
    code_url: str = ""
    keywords: list[str] = []
    tldr: str = ""
    n_citations: int | None = None
    withdrawn: bool = False
    kind: str = Field("", description="journal, conference, chapter, book, …, if a source says it.")
    editors: list[str] = []
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    affiliations: list[str] = []
    report_numbers: list[str] = []
    sort_names: list[str] = Field(
        [], description="Authors and editors in the order of an index, if the family name is not just the last word."
    )
    sources: list[dict[str, str]] = []
    versions: list[dict[str, Any]] = []
    summaries: list[dict[str, str]] = []


class PapersSchema(Schema):
    papers: list[PaperSchema]
    missing: list[str] = Field([], description="Ids without a paper in the library.")


class ListSchema(Schema):
    papers: list[PaperSchema]
    next: str = Field(..., description="The cursor of the next page; empty on the last page.")


class HitSchema(Schema):
    score: float
    paper: PaperSchema
    explanation: dict[str, Any] | None = None


class FacetSchema(Schema):
    value: str
    count: int


class NamesFirstSchema(Schema):
    names: list[str] = Field(..., description="Words of the query that few papers contain.")
    n_papers: int = Field(..., description="The first n_papers of all pages contain the names; those below do not.")


class SearchSchema(Schema):
    total: int = Field(..., description="The exact number of matching papers.")
    start: int
    hits: list[HitSchema]
    next: str = Field(..., description="The cursor of the next page; empty on the last page.")
    sort: str
    mode: str = Field(..., description="The stages that ranked; fewer than requested if one cannot run.")
    notes: list[str] = Field(..., description="Notes for the reader.")
    relaxed: bool = Field(..., description="No paper has all words; these have some.")
    suggestion: str | None = Field(None, description="The query with probable typing errors corrected.")
    names_first: NamesFirstSchema | None = Field(
        None, description="Where the papers that contain the rare names of the query end; null without such names."
    )
    facets: dict[str, list[FacetSchema]] = {}


class RelatedSchema(Schema):
    id: str
    total: int
    start: int
    hits: list[HitSchema]
    notes: list[str]


class KeywordSchema(Schema):
    word: str = Field(..., description="The form in the paper.")
    score: float = Field(..., description="TF-IDF; the title counts three times.")
    n_papers: int = Field(..., description="Papers of the library that contain it.")


class KeywordsSchema(Schema):
    id: str
    keywords: list[KeywordSchema]


class ProblemSchema(Schema):
    """An error (RFC 9457): what is wrong, where, and how to fix it."""

    type: str
    title: str
    status: int
    detail: str = ""
    where: str = Field("", description="The parameter.")
    position: int | None = Field(None, description="Index of the character in the parameter, from 0.")
    cure: str = ""
