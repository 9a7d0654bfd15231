"""What the JSON API takes and gives, as OpenAPI tells it."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Field, Schema

from coolpapers.api.resources.lookup import MAX_IDS
from coolpapers.api.resources.searching import MAX_START

MAX_LIMIT = 200
_FIELDS = "Names of fields separated by commas, or all; see Paper."


class Range(Schema):
    """Days, both included."""

    from_day: date | None = Field(None, alias="from", description="First day, as 2024-05-31.")
    to_day: date | None = Field(None, alias="to", description="Last day.")


class SearchParameters(Range):
    q: str = Field("", max_length=20_000, description="The query, in the language of the search box.")
    sort: Literal["relevance", "newest", "oldest", "updated", "stars"] = "relevance"
    mode: Literal["bm25", "dense", "hybrid", "rerank"] | None = Field(None, description="Stages that rank.")
    category: list[str] = Field([], max_length=60, description="Only of these categories; may be repeated.")
    venue: list[str] = Field([], max_length=60, description="Only of these venues (ICLR, or ICLR 2025).")
    year: list[int] = Field([], max_length=60, description="Only of these years.")
    facets: str = Field("", max_length=60, description="Counts wanted: category, venue, year, with commas.")
    explain: bool = Field(False, description="Say why each hit is where it is.")
    strict: bool = Field(True, description="Answer 400 where the query does not parse; false reads it as plain words.")
    relaxing: bool = Field(True, description="Where no paper has all words, find those with some (and say so).")
    start: int = Field(0, ge=0, le=MAX_START, description="The first hit wanted, counted from 0.")
    limit: int = Field(25, ge=1, le=MAX_LIMIT, description="Hits on one page.")
    cursor: str = Field("", max_length=400, description="“next” of the page before; goes before start.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS)


class RelatedParameters(Range):
    sort: Literal["similarity", "newest", "oldest", "stars"] = "similarity"
    mode: Literal["bm25", "dense", "hybrid", "rerank"] | None = Field(None, description="Signals that find and rank.")
    category: list[str] = Field([], max_length=60, description="Only of these categories; may be repeated.")
    venue: list[str] = Field([], max_length=60, description="Only of these venues.")
    year: list[int] = Field([], max_length=60, description="Only of these years.")
    explain: bool = Field(False, description="Say which signal found each paper, and the words both have.")
    start: int = Field(0, ge=0, le=1000)
    limit: int = Field(25, ge=1, le=MAX_LIMIT)
    fields: str | None = Field(None, max_length=400, description=_FIELDS)


class ListParameters(Range):
    category: str = Field("", max_length=1000, description="cs.CL; several as cs.AI,cs.CL; without some as cs-cs.CY.")
    venue: str = Field("", max_length=100, description="ICLR.2025, or ICLR for its newest year.")
    group: str = Field("", max_length=60, description="One track of the venue, such as Oral.")
    sort: Literal["newest", "oldest"] = "newest"
    limit: int = Field(25, ge=1, le=MAX_LIMIT)
    cursor: str = Field("", max_length=400, description="“next” of the page before.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS)


class BatchParameters(Schema):
    ids: str = Field(..., max_length=20_000, description=f"At most {MAX_IDS} ids separated by commas.")
    fields: str | None = Field(None, max_length=400, description=_FIELDS)


class PaperParameters(Schema):
    fields: str | None = Field(None, max_length=400, description=_FIELDS)


class NoParameters(Schema):
    pass


class CiteParameters(Schema):
    format: str = Field("bibtex", max_length=20, description="bibtex, ris, csl, endnote, markdown, text, abstract.")


class Batch(Schema):
    """The body of a question for many papers."""

    ids: list[str] = Field(..., description=f"At most {MAX_IDS} ids: keys, arXiv ids, DOIs, addresses.")
    fields: list[str] | None = Field(None, description="Names of fields.")


class PaperSchema(Schema):
    """One work. Only the fields asked for are there; versions and summaries only where asked for by name."""

    id: str = Field(..., description="Our key, such as arxiv:1706.03762.")
    page: str = Field("", description="Its page on this site.")
    title: str = ""
    authors: list[str] = []
    abstract: str = ""
    abstract_label: str = Field("", description="Who wrote the abstract, where it was not the authors.")
    year: int | None = None
    submitted: date | None = None
    updated: date | None = None
    announced: date | None = Field(None, description="The day of the list it appeared in.")
    categories: list[str] = Field([], description="Primary first.")
    venue: str = Field("", description="The series, such as ICLR.")
    venue_year: int | None = None
    venue_text: str = Field("", description="As the source wrote it.")
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
    sources: list[dict[str, str]] = []
    versions: list[dict[str, Any]] = []
    summaries: list[dict[str, str]] = []


class PapersSchema(Schema):
    papers: list[PaperSchema]
    missing: list[str] = Field([], description="Ids that name no paper here.")


class ListSchema(Schema):
    papers: list[PaperSchema]
    next: str = Field(..., description="The cursor of the next page; empty at the end.")


class HitSchema(Schema):
    score: float
    paper: PaperSchema
    explanation: dict[str, Any] | None = None


class FacetSchema(Schema):
    value: str
    count: int


class SearchSchema(Schema):
    total: int = Field(..., description="How many papers the search finds, exact.")
    start: int
    hits: list[HitSchema]
    next: str = Field(..., description="The cursor of the next page; empty at the end.")
    sort: str
    mode: str = Field(..., description="The stages that did rank; fewer than asked for where one cannot run.")
    notes: list[str] = Field(..., description="What the reader should know, in words.")
    relaxed: bool = Field(..., description="No paper has all words; these have some.")
    suggestion: str | None = Field(None, description="The query without its probable typing errors.")
    facets: dict[str, list[FacetSchema]] = {}


class RelatedSchema(Schema):
    id: str
    total: int
    start: int
    hits: list[HitSchema]
    notes: list[str]


class KeywordSchema(Schema):
    word: str = Field(..., description="As the paper writes it.")
    score: float = Field(..., description="TF-IDF; the title counts three times.")
    n_papers: int = Field(..., description="Papers of the library that have it.")


class KeywordsSchema(Schema):
    id: str
    keywords: list[KeywordSchema]


class ProblemSchema(Schema):
    """What is wrong (RFC 9457), where, and how to mend it."""

    type: str
    title: str
    status: int
    detail: str = ""
    where: str = Field("", description="The parameter.")
    position: int | None = Field(None, description="Where in it, in characters from 0.")
    cure: str = ""
