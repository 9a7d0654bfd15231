"""One search from a question to a page of hits: parse, filter, search, relax, rank, suggest, highlight.

Start at :func:`search_papers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from coolpapers.finding.catalogue import site_stages
from coolpapers.finding.flags import FlagResolver, resolve_flags
from coolpapers.finding.highlighting import highlight_papers
from coolpapers.finding.questions import Question
from coolpapers.finding.reader_orders import Fetch, HitOrder
from coolpapers.papers.lookup.readers import READER_SORTS
from coolpapers.papers.models import Paper
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.engines.results import EngineResult, Hit, Request, SearchPage
from search.language.meaning import free_words
from search.language.parser import parse_leniently, parse_query
from search.language.query import Keys, Node, conjoin, walk
from search.ranking.correcting import correct_query
from search.ranking.pipeline import Ranked, default_mode, rank
from search.ranking.relaxing import is_long, is_word, relax

# A first page with fewer hits than this may owe it to a typing error.
FEW_HITS = 3


def search_papers(
    question: Question,
    *,
    resolve_flag: FlagResolver | None = None,
    order: HitOrder | None = None,
    engine: SearchBackend | None = None,
    wait_s: float = 0.0,
) -> SearchPage:
    """Search the library.

    Parameters
    ----------
    resolve_flag : replaces the personal flags of the reader (``is:starred``)
    order : the order of a sort that only readers know, such as by stars
    engine : the index to ask; None takes that of the settings
    wait_s : seconds to wait for a model that is still loading; a page does not wait

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
    asked = resolve_flags(query.root, resolve_flag, notes)
    root = conjoin(asked, question.filters.nodes())
    request = _engine_request(question)
    if question.relaxing:
        result, answered = _search_or_relax(engine, root, request, notes)
    else:
        result, answered = engine.search(root, request), root
    relaxed = answered is not root
    n_matched = result.total or 0  # by words: meaning finds something near any typing error
    ranked = Ranked(result, "bm25")
    mode = question.mode or default_mode()
    if mode != "bm25":
        stages = site_stages(wait_s=wait_s)
        ranked = rank(engine, answered, request, words=free_words(asked), mode=mode, stages=stages)
        notes += ranked.notes
        if not n_matched and ranked.result.total:
            notes.append(_("No paper contains these words; showing papers close in meaning."))
    if order is not None:
        fetch = _fetch(engine, answered, request, ranked.mode, free_words(asked), wait_s)
        ordered = order(fetch, question.start, question.top_k)
        hits = _explained(engine, answered, ordered.hits) if question.explain else ordered.hits
        ranked = replace(ranked, result=replace(ranked.result, hits=hits))
        notes += ordered.notes
    result = ranked.result
    if result.is_partial:
        notes.append(_("The search timed out; the results are incomplete."))
    # A pasted text is no typing error, and looking up its words would take longer than the search.
    is_doubtful = (n_matched < FEW_HITS or relaxed) and not is_long(query.root)
    return SearchPage(
        query=question.text,
        hits=result.hits,
        total=result.total or 0,
        start=question.start,
        sort=question.sort,
        mode=ranked.mode,
        facets=result.facets,
        notes=tuple(notes),
        relaxed=relaxed,
        suggestion=correct_query(query.root, engine) if is_doubtful else None,
        highlights=_highlights(answered if is_long(query.root) else query.root, result.hits)
        if question.highlight
        else {},
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


def _fetch(engine: SearchBackend, root: Node, request: Request, mode: str, words: str, wait_s: float) -> Fetch:
    """The search in its own order, for hits that keep further conditions too."""

    def fetch(conditions: Sequence[Node], start: int, top_k: int) -> Sequence[Hit]:
        tree = conjoin(root, conditions)
        wanted = replace(request, start=start, top_k=top_k, facets=(), with_total=False, explain=False)
        if mode == "bm25":
            return engine.search(tree, wanted).hits
        stages = site_stages(wait_s=wait_s)
        return rank(engine, tree, wanted, words=words, mode=mode, stages=stages).result.hits

    return fetch


def _explained(engine: SearchBackend, root: Node, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Hits that readers put in order, with what words say of them; ranks are not the search's there."""
    keys = Keys(frozenset(hit.key for hit in hits))
    found = engine.search(conjoin(root, (keys,)), Request(top_k=len(hits), with_total=False, explain=True)).hits
    explained = {hit.key: hit for hit in found}
    return tuple(explained.get(hit.key, hit) for hit in hits)


def _search_or_relax(
    engine: SearchBackend, root: Node, request: Request, notes: list[str]
) -> tuple[EngineResult, Node]:
    """All words; where no paper has them, any of them, and a note that says so. Also the tree that was answered."""
    result = None if is_long(root) else engine.search(root, request)
    if result is not None and result.total:
        return result, root
    either = relax(root, engine) if any(is_word(node) for node in walk(root)) else None
    if either is None:
        return result or engine.search(root, request), root
    relaxed = engine.search(either, request)
    if not relaxed.total:
        return result or relaxed, root
    notes.append(_("No paper contains all of these words; showing papers that contain some."))
    return relaxed, either


def _highlights(root: Node, hits: tuple[Hit, ...]) -> dict[str, dict[str, SafeString]]:
    rows = Paper.objects.filter(key__in=[hit.key for hit in hits]).values_list("key", "title", "abstract")
    return highlight_papers(root, rows)
