"""arXiv's query API over this library: its clients only need another base address.

``/api/query`` takes ``search_query``, ``id_list``, ``start``, ``max_results``, ``sortBy``, ``sortOrder`` by GET or POST
and answers with Atom, as in arXiv's manual (https://info.arxiv.org/help/api/user-manual.html). An error is an entry
titled "Error" with status 400.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import DatabaseError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from coolpapers.api.arxiv.feed import QueryFeed, write_error, write_feed
from coolpapers.api.callers import admit
from coolpapers.api.errors import ApiError, BadParameter, outage_error
from coolpapers.api.resources.searching import search
from coolpapers.finding.questions import Filters, Question
from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys
from coolpapers.papers.models import Paper
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import canonical_arxiv

MAX_RESULTS = 2000  # on one page, as at arXiv
MAX_START = 300_000
MAX_IDS = 2000
DEFAULT_RESULTS = 10
SORTS = {"relevance": "relevance", "lastUpdatedDate": "updated", "submittedDate": "newest"}
ORDERS = ("ascending", "descending")
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ArxivQuery:
    """One call of the query API, validated."""

    search_query: str
    ids: tuple[str, ...]
    start: int
    max_results: int
    sort: str
    ascending: bool


@csrf_exempt  # POST carries long lists of ids and changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def query_as_arxiv(request: HttpRequest) -> HttpResponse:
    """``/api/query``."""
    try:
        admit(request)
        query = read_query(request.POST if request.method == "POST" else request.GET)
        total, papers = answer_query(query)
        prefetch_related_objects(papers, "versions")
    except ApiError as error:
        return _refuse(request, error)
    except (DatabaseError, OSError) as exc:
        outage = outage_error(exc)
        if outage is None:
            raise
        return _refuse(request, outage)
    feed = QueryFeed(_title(query), total, query.start, query.max_results, papers)
    return HttpResponse(write_feed(request, feed), content_type=MEDIA_TYPE)


def _refuse(request: HttpRequest, error: ApiError) -> HttpResponse:
    response = HttpResponse(write_error(request, error), content_type=MEDIA_TYPE, status=error.status)
    if error.retry_after_s:
        response["Retry-After"] = str(error.retry_after_s)
    return response


def read_query(parameters: Mapping[str, str]) -> ArxivQuery:
    """Parse the parameters as arXiv does. Raises BadParameter, with arXiv's messages where it has one."""
    sort, order = parameters.get("sortBy") or "relevance", parameters.get("sortOrder") or "descending"
    if sort not in SORTS:
        raise BadParameter(f"sortBy must be in: {', '.join(SORTS)}", where="sortBy")
    if order not in ORDERS:
        raise BadParameter(f"sortOrder must be in: {', '.join(ORDERS)}", where="sortOrder")
    names = [name.strip() for name in re.split(r"[,\s]+", parameters.get("id_list", "")) if name.strip()]
    if len(names) > MAX_IDS:
        raise BadParameter(f"id_list must have at most {MAX_IDS} ids; split the request", where="id_list")
    for name in names:
        if canonical_arxiv(name) is None:
            raise BadParameter(f"incorrect id format for {name[:80]}", where="id_list")
    return ArxivQuery(
        search_query=parameters.get("search_query", "").strip(),
        ids=tuple(dict.fromkeys(filter(None, map(canonical_arxiv, names)))),
        start=_count(parameters, "start", 0, most=MAX_START),
        max_results=_count(parameters, "max_results", DEFAULT_RESULTS, most=MAX_RESULTS),
        sort=SORTS[sort],
        ascending=order == "ascending",
    )


def _count(parameters: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = (parameters.get(name) or "").strip()
    if not text:
        return default
    if not re.fullmatch(r"-?[0-9]{1,30}", text):
        raise BadParameter(f"{name} must be an integer", where=name)
    number = int(text)
    if number < 0:
        raise BadParameter(f"{name} must be non-negative", where=name)
    if number > most:
        raise BadParameter(f"{name} must be at most {most}", where=name)
    return number


def answer_query(query: ArxivQuery) -> tuple[int, list[Paper]]:
    """The total number of papers and those of the requested page.

    With ids only, the papers are in the order of the ids; with ids and a query, the ids restrict the query.
    """
    named = find_papers([Identifier("arxiv", ident) for ident in query.ids]) if query.ids else {}
    if not query.search_query:
        papers = list({paper.pk: paper for paper in named.values()}.values())
        return len(papers), papers[query.start : query.start + query.max_results]
    keys = frozenset(paper.key for paper in named.values()) if query.ids else None
    question = Question(
        query.search_query,
        filters=Filters(keys=keys),
        mode="bm25",
        sort=query.sort,
        start=query.start,
        top_k=query.max_results,
        strict=True,
        relaxing=False,
    )
    return _ascending(question) if query.ascending else _descending(question)


def _descending(question: Question) -> tuple[int, list[Paper]]:
    page = search(question, where="search_query").page
    return page.total, _papers_of([hit.key for hit in page.hits])


def _ascending(question: Question) -> tuple[int, list[Paper]]:
    """The same list from its end: fetch the mirrored window and reverse it."""
    total = search(replace(question, start=0, top_k=0), where="search_query").page.total
    stop = max(0, total - question.start)
    start = max(0, stop - question.top_k)
    if stop == start:
        return total, []
    page = search(replace(question, start=start, top_k=stop - start), where="search_query").page
    return total, _papers_of([hit.key for hit in reversed(page.hits)])


def _papers_of(keys: Sequence[str]) -> list[Paper]:
    papers = papers_by_keys(keys)
    return [papers[key] for key in keys if key in papers]


def _title(query: ArxivQuery) -> str:
    return (
        f"arXiv Query: search_query={query.search_query}&id_list={','.join(query.ids)}"
        f"&start={query.start}&max_results={query.max_results}"
    )
