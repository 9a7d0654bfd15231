"""The tools of the MCP server, as plain functions; an assistant's model reads their docstrings.

They do not depend on MCP: :mod:`coolpapers.api.mcp.server` exposes them. Each runs inside a session (see
:mod:`coolpapers.api.mcp.sessions`) and raises :class:`~coolpapers.api.errors.ApiError`, whose message says what to do.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from pydantic import Field

from coolpapers.api.errors import BadParameter, Forbidden
from coolpapers.api.mcp import personal
from coolpapers.api.mcp.sessions import current_session
from coolpapers.api.resources.days import Day
from coolpapers.api.resources.listing import ListQuestion, list_papers
from coolpapers.api.resources.lookup import find_all, find_one
from coolpapers.api.resources.papers import DEFAULT_FIELDS, describe_papers, finished_summary
from coolpapers.api.resources.searching import engine_errors, names_first
from coolpapers.api.resources.searching import search as run_search
from coolpapers.finding.questions import Filters, Question
from coolpapers.finding.related import find_related
from coolpapers.papers.citations import FORMATS
from coolpapers.papers.citations import cite as write_citations
from coolpapers.papers.lookup.selectors import count_categories, count_papers, count_venues, papers_by_keys
from coolpapers.papers.models import Paper, latest_revision
from coolpapers.people.models import Item
from coolpapers.people.state.flags import resolver_of
from search.ranking.related import RelatedRequest

MAX_LIMIT = 50  # papers in one answer; more would fill a model's context
MAX_CITED = 200
SHORT_ABSTRACT = 600  # characters of an abstract in a list
_SHORT_FIELDS = ("id", "title", "authors", "year", "venue_text", "categories", "announced", "page", "abstract")
_MAX_AUTHORS = 12

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Number of papers.")]
Start = Annotated[int, Field(ge=0, le=10_000, description="Index of the first one, from 0.")]
OptionalDay = Annotated[Day | None, Field(description="A day, as 2024-05-31.")]
Categories = Annotated[list[str] | None, Field(max_length=60, description="Only these, such as cs.CL.")]
Venues = Annotated[list[str] | None, Field(max_length=60, description="Only these, such as ICLR or ICLR 2025.")]
PaperId = Annotated[str, Field(max_length=500, description="A key (arxiv:1706.03762), arXiv id, DOI or address.")]
PaperIds = Annotated[list[str], Field(max_length=MAX_CITED, description="Keys, arXiv ids, DOIs or addresses.")]


def search(
    query: Annotated[str, Field(max_length=20_000, description="Words, or the query language described above.")],
    limit: Limit = 10,
    start: Start = 0,
    sort: Literal["relevance", "newest", "oldest", "updated"] = "relevance",
    mode: Annotated[
        Literal["bm25", "dense", "hybrid", "rerank"] | None,
        Field(
            description="bm25 ranks by words, dense by meaning, hybrid by both, rerank by a model; default: the site's."
        ),
    ] = None,
    category: Categories = None,
    venue: Venues = None,
    from_day: OptionalDay = None,
    to_day: OptionalDay = None,
) -> dict[str, Any]:
    """Search the papers of this library.

    All words must match ("relaxed": true in the answer means that no paper has all of them). "names_first"
    tells how many papers, from the first of all pages, contain the rare names of the query; the papers below do not,
    and are near in meaning or contain other words. Also: "a phrase", OR,
    NOT, -word, begin*, misspelt~, ti:word au:name abs:word cat:cs.CL venue:ICLR year:2019..2021 date:"past week"
    has:code, parentheses. With a reader's token also is:starred, is:unread, in:"collection", note:word.
    """
    caller = current_session().caller
    question = Question(
        query,
        filters=Filters(categories=tuple(category or ()), venues=tuple(venue or ()), start=from_day, end=to_day),
        mode=mode,
        sort=sort,
        start=start,
        top_k=limit,
        strict=True,
    )
    resolver = resolver_of(caller.token.user) if caller.token else None
    page = run_search(question, resolve_flag=resolver, where="query").page
    papers = papers_by_keys(hit.key for hit in page.hits)
    stop = start + len(page.hits)
    return {
        "total": page.total,
        "papers": _shorten([papers[hit.key] for hit in page.hits if hit.key in papers]),
        "next_start": stop if page.hits and stop < page.total else None,
        "notes": list(page.notes),
        "relaxed": page.relaxed,
        "suggestion": page.suggestion,
        "names_first": names_first(page),
    }


def paper(id: PaperId) -> dict[str, Any]:
    """The details of one paper: full abstract, authors, venue, versions, links, and its summary if there is one."""
    match = find_one(id)
    described = describe_papers([match], fields=(*DEFAULT_FIELDS, "versions"))[0]
    described["page"] = current_session().site_url + described["page"]
    summary = finished_summary(match, language="en")
    if summary is not None:
        described["summary"] = {"language": summary.language, "markdown": summary.markdown, "by": summary.label}
    return {name: value for name, value in described.items() if value not in ("", None, [])}


def related(
    id: PaperId,
    limit: Limit = 10,
    sort: Literal["similarity", "newest", "oldest"] = "similarity",
    category: Categories = None,
    venue: Venues = None,
    from_day: OptionalDay = None,
    to_day: OptionalDay = None,
) -> dict[str, Any]:
    """Papers related to one by shared rare words and by meaning, each with the shared words."""
    subject = find_one(id)
    filters = Filters(categories=tuple(category or ()), venues=tuple(venue or ()), start=from_day, end=to_day)
    with engine_errors():
        page = find_related(subject, RelatedRequest(top_k=limit, sort=sort, conditions=filters.nodes()))
    papers = papers_by_keys(hit.key for hit in page.hits)
    hits = [hit for hit in page.hits if hit.key in papers]
    described = _shorten([papers[hit.key] for hit in hits])
    for hit, entry in zip(hits, described, strict=True):
        entry["shared_words"] = list(hit.shared)
    return {"id": subject.key, "total": page.total, "papers": described, "notes": list(page.notes)}


def recent(
    category: Annotated[
        str, Field(max_length=1000, description="cs.CL; several: cs.AI,cs.CL; excluding: cs-cs.CY.")
    ] = "",
    venue: Annotated[str, Field(max_length=100, description="ICLR.2025, instead of a category.")] = "",
    from_day: OptionalDay = None,
    to_day: OptionalDay = None,
    limit: Limit = 20,
    cursor: Annotated[str, Field(max_length=400, description="“next” of the previous answer.")] = "",
) -> dict[str, Any]:
    """The newest papers of categories or of a venue, or of all categories if neither is given."""
    question = ListQuestion(category=category, venue=venue, first_day=from_day, last_day=to_day)
    papers, following = list_papers(question, cursor=cursor, limit=limit)
    return {"papers": _shorten(papers), "next": following}


def cite(
    ids: PaperIds,
    format: Literal["bibtex", "ris", "csl", "endnote", "markdown", "text"] = "bibtex",
) -> str:
    """Citations of papers, ready to paste."""
    papers, missing = find_all(ids)
    if missing:
        raise BadParameter(
            f"Not in the library: {', '.join(missing)[:400]}.", where="ids", cure="Find the ids with search."
        )
    return write_citations(papers, FORMATS[format].name)


def library(
    action: Annotated[
        Literal["overview", "starred", "collections", "collection", "star", "unstar", "collect", "take_out"],
        Field(description="What to show or, with a token of scope library, what to change."),
    ] = "overview",
    ids: Annotated[list[str] | None, Field(max_length=MAX_CITED, description="The papers to star or collect.")] = None,
    collection: Annotated[str, Field(max_length=300, description="Name or id of the collection.")] = "",
    start: Start = 0,
    limit: Limit = 20,
) -> dict[str, Any]:
    """An overview of the library, and the reader's stars and collections.

    overview: the content of the library. With a token: starred, collections, collection (its papers). With a token of
    scope library: star, unstar, collect (adds to a collection, creates it if needed), take_out (removes from it).
    """
    if action == "overview":
        return _overview()
    caller = current_session().caller
    if caller.token is None:
        raise Forbidden(
            "Stars and collections need a reader's token.",
            where="action",
            cure="Run this server with an API token (see docs/reference/mcp.md); action=overview needs none.",
        )
    user = caller.token.user
    if action == "collections":
        return {"collections": personal.collections(user)}
    if action in ("starred", "collection"):
        keys = personal.starred(user) if action == "starred" else personal.members(user, collection)
        papers = papers_by_keys(keys[start : start + limit])
        shown = _shorten([papers[key] for key in keys[start : start + limit] if key in papers])
        return {"total": len(keys), "papers": shown}
    if not caller.may_write:
        raise Forbidden(
            "This token is read-only.",
            where="action",
            cure="Create one with: manage.py create_api_token --scope library",
        )
    return _change(user, action, ids or [], collection)


def _change(user: AbstractBaseUser, action: str, names: list[str], collection: str) -> dict[str, Any]:
    """Change stars or collections of the token's owner."""
    papers, missing = find_all(names)
    if not papers:
        raise BadParameter("None of the ids is in the library.", where="ids", cure="Use ids that search returns.")
    keys = [paper.key for paper in papers]
    answer: dict[str, Any] = {"papers": keys, "missing": missing}
    if action in ("star", "unstar"):
        return answer | {"changed": personal.star(user, keys, deleted=action == "unstar")}
    change = personal.add_papers if action == "collect" else personal.remove_papers
    name, n_changed = change(user, collection, keys)
    return answer | {"collection": name, "changed": n_changed}


def _overview() -> dict[str, Any]:
    revision = latest_revision()
    newest = Paper.objects.filter(announced__isnull=False).order_by("-announced").values_list("announced", flat=True)
    categories = count_categories(revision=revision)
    venues = count_venues(revision=revision)
    caller = current_session().caller
    overview: dict[str, Any] = {
        "n_papers": count_papers(revision=revision),
        "newest_day": newest.first(),
        "categories": dict(list(categories.items())[:30]),
        "venues": {venue.ident: venue.n_papers for venue in sorted(venues, key=lambda venue: -venue.n_papers)[:30]},
        "may_change_stars_and_collections": caller.may_write,
    }
    if caller.token:
        overview["reader"] = caller.token.user.get_username()
        overview["n_items"] = Item.objects.filter(user=caller.token.user, deleted=False).count()
    return overview


def _shorten(papers: list[Paper]) -> list[dict[str, Any]]:
    """Papers in short form for a model: the main fields and the beginning of the abstract."""
    described = describe_papers(papers, fields=_SHORT_FIELDS)
    for fields in described:
        fields["page"] = current_session().site_url + fields["page"]
        if len(fields["authors"]) > _MAX_AUTHORS:
            n_more = len(fields["authors"]) - _MAX_AUTHORS
            fields["authors"] = [*fields["authors"][:_MAX_AUTHORS], f"and {n_more} more"]
        if len(fields["abstract"]) > SHORT_ABSTRACT:
            fields["abstract"] = fields["abstract"][:SHORT_ABSTRACT].rsplit(" ", 1)[0] + " …"
    return [{name: value for name, value in fields.items() if value not in ("", None, [])} for fields in described]


TOOLS = (search, paper, related, recent, cite, library)
READ_ONLY = frozenset({"search", "paper", "related", "recent", "cite"})
