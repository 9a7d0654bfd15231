"""The endpoints of the read-only JSON API under ``/api/v1/``; see ``docs/reference/api.md``.

Each function reads its parameters, calls one selector or service, and shapes the answer. Errors are raised as
:class:`~coolpapers.api.errors.ApiError` and become ``application/problem+json`` in
:mod:`coolpapers.api.json.problems`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query
from ninja.security import HttpBearer

from coolpapers.api.callers import Caller, admit
from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.api.json.openapi import PROBLEMS, DescribedAPI
from coolpapers.api.json.problems import handle_problems, refuse_unknown
from coolpapers.api.json.schemas import (
    Batch,
    BatchParameters,
    CiteParameters,
    KeywordsSchema,
    ListParameters,
    ListSchema,
    NoParameters,
    PaperParameters,
    PaperSchema,
    PapersSchema,
    Range,
    RelatedParameters,
    RelatedSchema,
    SearchParameters,
    SearchSchema,
)
from coolpapers.api.resources.listing import ListQuestion, list_papers
from coolpapers.api.resources.lookup import find_all, find_one
from coolpapers.api.resources.papers import describe_papers, read_fields
from coolpapers.api.resources.searching import engine_errors, names_first, search
from coolpapers.finding.pages.forms import FACETS
from coolpapers.finding.paper_keywords import keywords_of
from coolpapers.finding.questions import Filters, Question
from coolpapers.finding.related import find_related
from coolpapers.papers.citations import FORMATS, cite
from coolpapers.papers.lookup.selectors import papers_by_keys
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.ranking.related import RelatedRequest


class CountedCaller(HttpBearer):
    """Identifies and counts the caller; documents the optional token in the OpenAPI file."""

    def __call__(self, request: HttpRequest) -> Caller:
        return admit(request)

    def authenticate(self, request: HttpRequest, token: str) -> Caller:  # noqa: ARG002 - ninja's signature
        return admit(request)


api = DescribedAPI(
    title="coolpapers",
    version="1",
    description="Papers of this library: search, lists, related papers, citations. Read-only.",
    urls_namespace="v1",
    docs_url=None,
    auth=CountedCaller(),
)
handle_problems(api)
_TEXT = {"schema": {"type": "string"}}
_CITED = {"description": "The text.", "content": {format.media_type: _TEXT for format in FORMATS.values()}}


@api.get("/papers", response={200: PapersSchema, **PROBLEMS}, exclude_unset=True, summary="Several papers")
def get_papers(request: HttpRequest, parameters: Query[BatchParameters]) -> dict[str, Any]:
    """Papers by id, in the order given."""
    refuse_unknown(request, BatchParameters)
    return _batch(request, parameters.ids.split(","), read_fields(parameters.fields))


@api.post("/papers", response={200: PapersSchema, **PROBLEMS}, exclude_unset=True, summary="Many papers")
def post_papers(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """Papers by id, with the ids in a JSON body; for more ids than fit into an address."""
    return _batch(request, batch.ids, read_fields(batch.fields))


@api.get("/papers/{path:ident}", response={200: PaperSchema, **PROBLEMS}, exclude_unset=True, summary="One paper")
def get_paper(request: HttpRequest, ident: Path[str], parameters: Query[PaperParameters]) -> dict[str, Any]:
    """A paper by key, arXiv id, DOI, address, or <ident>@<source>."""
    refuse_unknown(request, PaperParameters)
    return describe_papers([find_one(ident)], fields=read_fields(parameters.fields), request=request)[0]


@api.get("/search", response={200: SearchSchema, **PROBLEMS}, exclude_unset=True, summary="Search")
def get_search(request: HttpRequest, parameters: Query[SearchParameters]) -> dict[str, Any]:
    """Papers that match a query in the language of the search box. A query that does not parse is answered with 400 and
    the position of the error."""
    refuse_unknown(request, SearchParameters)
    fields = read_fields(parameters.fields)
    question = Question(
        parameters.q,
        filters=_filters(parameters, parameters),
        mode=parameters.mode,
        sort=parameters.sort,
        start=parameters.start,
        top_k=parameters.limit,
        facets=_facets(parameters.facets),
        explain=parameters.explain,
        strict=parameters.strict,
        relaxing=parameters.relaxing,
    )
    answer = search(question, cursor=parameters.cursor)
    page = answer.page
    hits = [(hit.key, hit.score, asdict(hit.explanation) if hit.explanation else None) for hit in page.hits]
    counts = {name: [{"value": value, "count": n} for value, n in values] for name, values in page.facets.items()}
    return {
        "total": page.total,
        "start": page.start,
        "hits": _hits(request, hits, fields),
        "next": answer.next_cursor,
        "sort": page.sort,
        "mode": page.mode,
        "notes": list(page.notes),
        "relaxed": page.relaxed,
        "suggestion": page.suggestion,
        "names_first": names_first(page),
    } | ({"facets": counts} if counts else {})


@api.get(
    "/related/{path:ident}", response={200: RelatedSchema, **PROBLEMS}, exclude_unset=True, summary="Related papers"
)
def get_related(request: HttpRequest, ident: Path[str], parameters: Query[RelatedParameters]) -> dict[str, Any]:
    """Papers related to one, by shared rare words and by meaning."""
    refuse_unknown(request, RelatedParameters)
    fields = read_fields(parameters.fields)
    paper = find_one(ident)
    with engine_errors():
        page = find_related(
            paper,
            RelatedRequest(
                start=parameters.start,
                top_k=parameters.limit,
                sort=parameters.sort,
                mode=parameters.mode,
                conditions=_filters(parameters, parameters).nodes(),
            ),
        )
    hits = []
    for hit in page.hits:
        reasons = {"signals": hit.signals} | asdict(hit) if parameters.explain else None
        hits.append((hit.key, hit.score, reasons))
    return {
        "id": paper.key,
        "total": page.total,
        "start": page.start,
        "hits": _hits(request, hits, fields),
        "notes": list(page.notes),
    }


@api.get("/keywords/{path:ident}", response={200: KeywordsSchema, **PROBLEMS}, summary="Keywords of a paper")
def get_keywords(request: HttpRequest, ident: Path[str]) -> dict[str, Any]:
    """The ten keywords with the highest TF-IDF score, among words that occur in at least one other paper."""
    refuse_unknown(request, NoParameters)
    paper = find_one(ident)
    with engine_errors():
        search_backend().count()  # raises without an index; an empty list would mean no keywords
        keywords = keywords_of(paper.title, paper.abstract)
    words = [{"word": keyword.word, "score": keyword.score, "n_papers": keyword.frequency} for keyword in keywords]
    return {"id": paper.key, "keywords": words}


@api.get("/list", response={200: ListSchema, **PROBLEMS}, exclude_unset=True, summary="Recent papers")
def get_list(request: HttpRequest, parameters: Query[ListParameters]) -> dict[str, Any]:
    """Papers of categories or of a venue, newest first; without either, all papers with an announcement day."""
    refuse_unknown(request, ListParameters)
    fields = read_fields(parameters.fields)
    question = ListQuestion(
        category=parameters.category,
        venue=parameters.venue,
        group=parameters.group,
        first_day=parameters.from_day,
        last_day=parameters.to_day,
        sort=parameters.sort,
    )
    papers, next_cursor = list_papers(question, cursor=parameters.cursor, limit=parameters.limit)
    return {"papers": describe_papers(papers, fields=fields, request=request), "next": next_cursor}


@api.get(
    "/cite/{path:idents}",
    response=PROBLEMS,
    summary="Citations",
    openapi_extra={"responses": {200: _CITED}},
)
def get_citations(request: HttpRequest, idents: Path[str], parameters: Query[CiteParameters]) -> HttpResponse:
    """Citations of papers (ids separated by commas) as one text in the media type of the format."""
    refuse_unknown(request, CiteParameters)
    if parameters.format not in FORMATS:
        cure = f"Use one of: {', '.join(FORMATS)}."
        raise BadParameter(f"Unknown format “{parameters.format}”.", where="format", cure=cure)
    papers, missing = find_all(idents.split(","), where="idents")
    if not papers:
        raise NotFound(f"This library has no paper “{', '.join(missing)[:100]}”.", where="idents")
    media_type = FORMATS[parameters.format].media_type
    return HttpResponse(cite(papers, parameters.format), content_type=f"{media_type}; charset=utf-8")


def _batch(request: HttpRequest, names: list[str], fields: tuple[str, ...]) -> dict[str, Any]:
    papers, missing = find_all(names)
    return {"papers": describe_papers(papers, fields=fields, request=request), "missing": missing}


def _hits(
    request: HttpRequest, hits: list[tuple[str, float, dict[str, Any] | None]], fields: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Hits with their papers; papers deleted since they were indexed are left out."""
    papers: dict[str, Paper] = papers_by_keys(key for key, _score, _why in hits)
    present = [(key, score, why) for key, score, why in hits if key in papers]
    described = describe_papers([papers[key] for key, _score, _why in present], fields=fields, request=request)
    return [
        {"score": score, "paper": paper} | ({"explanation": why} if why is not None else {})
        for (_key, score, why), paper in zip(present, described, strict=True)
    ]


def _filters(facets: SearchParameters | RelatedParameters, days: Range) -> Filters:
    return Filters(
        categories=tuple(facets.category),
        venues=tuple(facets.venue),
        years=tuple(facets.year),
        start=days.from_day,
        end=days.to_day,
    )


def _facets(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in FACETS]
    if unknown:
        cure = f"Use: {', '.join(FACETS)}."
        raise BadParameter(f"Unknown facet “{unknown[0]}”.", where="facets", cure=cure)
    return names
