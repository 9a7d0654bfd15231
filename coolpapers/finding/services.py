"""One search from a question to a page of hits: parse, filter, search, relax, rank, suggest, highlight.

Start at :func:`search_papers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import gettext as _

from coolpapers.finding.catalogue import site_stages
from coolpapers.finding.flags import FlagResolver, resolve_flags
from coolpapers.finding.highlighting import highlight_papers
from coolpapers.finding.questions import Question
from coolpapers.finding.reader_orders import Fetch, HitOrder
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.models import Paper
from search.base.aliases import Ranking
from search.engines.base import Search, SearchBackend
from search.engines.registry import search_backend
from search.engines.results import EngineResult, Hit, Request, SearchPage
from search.language.meaning import free_words
from search.language.parser import parse_leniently, parse_query
from search.language.query import Keys, Node, conjoin, walk
from search.ranking.correcting import correct_query
from search.ranking.name_matches import name_searches
from search.ranking.pipeline import Ranked, default_mode, rank
from search.ranking.pools import PoolSearch
from search.ranking.relaxing import is_long, is_word, relax
from search.ranking.stages import timed_stage

# A search with fewer hits may contain a typing error: papers have them too.
FEW_HITS = 25

# Key, title and abstract of the papers with these keys.
ReadTexts = Callable[[Sequence[str]], Iterable[tuple[str, str, str]]]


def read_texts(keys: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    """The texts to highlight, from the catalogue."""
    return Paper.objects.filter(key__in=keys).values_list("key", "title", "abstract")


def search_papers(
    question: Question,
    *,
    resolve_flag: FlagResolver | None = None,
    order: HitOrder | None = None,
    engine: SearchBackend | None = None,
    wait_s: float = 0.0,
    read_texts: ReadTexts = read_texts,
) -> SearchPage:
    """Search the library.

    Parameters
    ----------
    resolve_flag : replaces the personal flags of the reader (``is:starred``)
    order : the order of a sort that only readers know, such as by stars
    engine : the index to ask; None takes that of the settings
    wait_s : seconds to wait for a model that is still loading; a page does not wait
    read_texts : reads what is highlighted; a page that has read the papers gives it their texts

    Raises
    ------
    QuerySyntaxError, QueryTooLarge
        If the question is strict and its text does not parse or exceeds the guards.
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    engine = engine or search_backend()
    query = parse_query(question.text) if question.strict else parse_leniently(question.text)
    notes = list(query.notes)
    resolved = resolve_flags(query.root, resolve_flag, notes)
    root = conjoin(resolved, question.filters.nodes())
    request = _engine_request(question)
    mode = question.mode or default_mode()
    words = free_words(resolved)
    is_pooled = mode != "bm25" and bool(words.strip())
    # The pool orders the page and counts its facets and hits; it begins with the best papers by words.
    first = Request(top_k=settings.SEARCH_DEPTH, with_total=False) if is_pooled else request
    names_of_query = name_searches(engine, words).values() if is_pooled else ()
    with timed_stage("words"):
        match = _match_or_relax if question.relaxing else _match
        matches = match(engine, root, first, beside=names_of_query)
    is_outdated = engine.is_outdated()
    if is_outdated:
        notes.append(_("The search index is being renewed after an update; until then some papers are not found."))
    if matches.is_relaxed:
        notes.append(_("No paper contains all of these words; showing papers that contain some."))
    known = {**matches.beside, matches.tree: matches.result.ranking()} if is_pooled else {}
    search = PoolSearch(engine, matches.tree, words, site_stages(wait_s=wait_s), known)
    ranked = _rank(search, matches, request, mode if is_pooled else "bm25")
    notes += ranked.notes
    if order is not None:
        ordered = order(_fetch(search, request, ranked.mode), question.start, question.top_k)
        hits = _explained(search, ordered.hits) if question.explain else ordered.hits
        ranked = replace(ranked, result=replace(ranked.result, hits=hits))
        notes += ordered.notes
    names = ranked.names if order is None else None
    if names is not None and not names.n_papers and matches.is_relaxed:
        names = None  # a note says it already
    result = ranked.result
    if result.is_partial:
        notes.append(_("The search timed out; the results are incomplete."))

    def restrict(tree: Node) -> Node:
        return conjoin(resolve_flags(tree, resolve_flag, []), question.filters.nodes())

    is_text = is_long(query.root)
    # Correcting a pasted text would take longer than the search.
    may_be_misspelt = (matches.n_hits < FEW_HITS or matches.is_relaxed) and not is_text
    return SearchPage(
        query=question.text,
        hits=result.hits,
        total=result.total or 0,
        start=question.start,
        sort=question.sort,
        mode=ranked.mode,
        facets=result.facets,
        notes=tuple(notes),
        relaxed=matches.is_relaxed,
        suggestion=correct_query(query.root, engine, restrict=restrict) if may_be_misspelt else None,
        highlights=highlight_papers(
            matches.tree if is_text else query.root,
            read_texts([hit.key for hit in result.hits]) if question.highlight else (),
            parts=question.highlight,
        ),
        is_complete=not (ranked.notes or result.is_partial or is_outdated),
        names=names.names if names else (),
        n_with_names=names.n_papers if names else 0,
    )


def _engine_request(question: Question) -> Request:
    """What the engine is asked; an order that only readers know is laid over the order by relevance."""
    return Request(
        start=question.start,
        top_k=question.top_k,
        sort="relevance" if question.sort in READER_SORTS else question.sort,
        facets=question.facets,
        explain=question.explain,
    )


@dataclass(frozen=True, slots=True)
class _Matches:
    """The papers that contain the words: one page of them, the tree that was asked for, and what was asked beside."""

    result: EngineResult
    tree: Node
    is_relaxed: bool = False
    beside: Mapping[Node, Ranking] = field(default_factory=dict)

    @property
    def n_hits(self) -> int:
        """How many papers match, or SEARCH_DEPTH if they are more and were not counted."""
        return len(self.result.hits) if self.result.total is None else self.result.total


def _match(engine: SearchBackend, root: Node, request: Request, *, beside: Iterable[Search] = ()) -> _Matches:
    """Papers that contain all words. ``beside``: other searches, in the same round trip."""
    others = {tree: asked for tree, asked in beside if tree != root}
    result, *found = engine.search_many([(root, request), *others.items()])
    return _Matches(result, root, beside={tree: one.ranking() for tree, one in zip(others, found, strict=True)})


def _match_or_relax(engine: SearchBackend, root: Node, request: Request, *, beside: Iterable[Search] = ()) -> _Matches:
    """Papers that contain all words; where there are none, papers that contain some of them."""
    matches = None if is_long(root) else _match(engine, root, request, beside=beside)
    if matches is not None and matches.n_hits:
        return matches
    relaxed_tree = relax(root, engine) if any(is_word(node) for node in walk(root)) else None
    if relaxed_tree is None:
        return matches or _match(engine, root, request)
    known = matches.beside if matches is not None else {}
    relaxed = _Matches(engine.search(relaxed_tree, request), relaxed_tree, is_relaxed=True, beside=known)
    return relaxed if relaxed.n_hits else matches or _Matches(relaxed.result, root)


def _rank(search: PoolSearch, matches: _Matches, request: Request, mode: str) -> Ranked:
    if mode == "bm25":
        return Ranked(matches.result, "bm25")
    ranked = rank(search, request, mode=mode)
    if ranked.result.total and not matches.n_hits:
        note = _("No paper contains these words; showing papers close in meaning.")
        return replace(ranked, notes=(*ranked.notes, note))
    return ranked


def _fetch(search: PoolSearch, request: Request, mode: str) -> Fetch:
    """The search in its own order, restricted by further conditions."""

    def fetch(conditions: Sequence[Node], start: int, top_k: int) -> Sequence[Hit]:
        restricted = replace(search, root=conjoin(search.root, conditions))
        part = replace(request, start=start, top_k=top_k, facets=(), with_total=False, explain=False)
        return rank(restricted, part, mode=mode).result.hits

    return fetch


def _explained(search: PoolSearch, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Hits in an order of readers, explained by BM25 only: the ranks of the search mean nothing in that order."""
    keys = Keys(frozenset(hit.key for hit in hits))
    request = Request(top_k=len(hits), with_total=False, explain=True)
    explained = {hit.key: hit for hit in search.engine.search(conjoin(search.root, [keys]), request).hits}
    return tuple(explained.get(hit.key, hit) for hit in hits)
