"""One search from text to page: parse, filter, ask the engine, relax, suggest, highlight.

Start at :func:`search_papers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from coolpapers.finding.catalogue import site_stages
from coolpapers.finding.highlighting import highlight_papers
from coolpapers.finding.reader_orders import Fetch, HitOrder
from coolpapers.papers.models import Paper
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.engines.results import EngineResult, Hit, Request, SearchPage
from search.language.meaning import free_words
from search.language.parser import parse_leniently, parse_query
from search.language.personal import flag_name, flag_of
from search.language.query import And, Exact, Flag, Keys, Node, Not, Or, Range, conjoin, walk
from search.ranking.correcting import correct_query
from search.ranking.pipeline import Ranked, default_mode, rank
from search.ranking.relaxing import is_long, is_word, relax

# A first page with fewer hits than this may owe it to a typing error.
FEW_HITS = 3


FlagResolver = Callable[[Flag], Node | None]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page's facets and date fields ask for: any value within one kind, all kinds together.

    ``venues`` are facet values: a series and year ("ICLR 2025") or a series ("ICLR").
    """

    categories: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    start: date | None = None
    end: date | None = None
    keys: frozenset[str] | None = None  # only these papers

    def nodes(self) -> list[Node]:
        """The filters as nodes of a query's tree."""
        nodes = [
            _either([Exact("category", code) for code in self.categories]),
            _either([Exact("venue", venue) for venue in self.venues]),
            _either([Range("year", date(year, 1, 1), date(year, 12, 31)) for year in self.years if 0 < year < 10_000]),
        ]
        if self.start or self.end:
            nodes.append(Range("date", self.start, self.end))
        if self.keys is not None:
            nodes.append(Keys(self.keys))
        return [node for node in nodes if node is not None]


def search_papers(
    text: str,
    *,
    start: int = 0,
    top_k: int = 25,
    sort: str = "relevance",
    filters: Filters | None = None,
    mode: str | None = None,
    facets: Iterable[str] = (),
    explain: bool = False,
    highlight: bool = True,
    strict: bool = False,
    relaxing: bool = True,
    wait_s: float = 0.0,
    resolve_flag: FlagResolver | None = None,
    order: HitOrder | None = None,
    backend: SearchBackend | None = None,
) -> SearchPage:
    """Search the library.

    Parameters
    ----------
    text : the query as typed; empty with filters lists what they let through
    start, top_k : the first hit wanted, counted from 0, and how many
    sort : relevance, newest, oldest, updated; always over all hits
    mode : which stages rank, one of ``search.ranking.pipeline.MODES``; None takes that of the settings
    facets : names among category, venue, year
    explain : fill ``Hit.explanation``
    highlight : fill ``SearchPage.highlights``
    strict : raise where the query does not parse, instead of reading it as plain words with a note
    relaxing : where no paper has all words, find those with some; a feed waits for the one that has all
    wait_s : how long to wait for a model that is still loading; a page does not wait
    resolve_flag : gives the papers of a personal flag (``is:starred``), None for one it does not know
    order : puts the hits of ``sort`` in an order that readers give them, such as by stars

    Raises
    ------
    QuerySyntaxError, QueryTooLarge
        If ``strict`` and the query does not parse or is past the guards.
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    engine = backend or search_backend()
    query = parse_query(text) if strict else parse_leniently(text)
    notes = list(query.notes)
    asked = resolve_flags(query.root, resolve_flag, notes)
    root = _with_filters(asked, filters)
    request = Request(start=start, top_k=top_k, sort=sort, facets=tuple(facets), explain=explain)
    if relaxing:
        result, answered = _search_or_relax(engine, root, request, notes)
    else:
        result, answered = engine.search(root, request), root
    relaxed = answered is not root
    n_matched = result.total or 0  # by words: meaning finds something near any typing error
    ranked = Ranked(result, "bm25")
    mode = mode or default_mode()
    if mode != "bm25":
        stages = site_stages(wait_s=wait_s)
        ranked = rank(engine, answered, request, words=free_words(asked), mode=mode, stages=stages)
        notes += ranked.notes
        if not n_matched and ranked.result.total:
            notes.append(_("No paper contains these words; showing papers close in meaning."))
    if order is not None:
        ordered = order(_fetch(engine, answered, request, ranked.mode, free_words(asked), wait_s), start, top_k)
        hits = _explained(engine, answered, ordered.hits) if explain else ordered.hits
        ranked = replace(ranked, result=replace(ranked.result, hits=hits))
        notes += ordered.notes
    result = ranked.result
    if result.is_partial:
        notes.append(_("The search timed out; the results are incomplete."))
    # A pasted text is no typing error, and looking up its words would take longer than the search.
    is_doubtful = (n_matched < FEW_HITS or relaxed) and not is_long(query.root)
    return SearchPage(
        query=text,
        hits=result.hits,
        total=result.total or 0,
        start=start,
        sort=sort,
        mode=ranked.mode,
        facets=result.facets,
        notes=tuple(notes),
        relaxed=relaxed,
        suggestion=correct_query(query.root, engine) if is_doubtful else None,
        highlights=_highlights(answered if is_long(query.root) else query.root, result.hits) if highlight else {},
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


def resolve_flags(root: Node, resolve: FlagResolver | None, notes: list[str]) -> Node:
    """The tree with personal flags (``is:``, ``in:``, ``note:``) replaced; one that nobody knows finds nothing and is
    noted."""
    match root:
        case And(children):
            return And(tuple(resolve_flags(child, resolve, notes) for child in children))
        case Or(children):
            return Or(tuple(resolve_flags(child, resolve, notes) for child in children))
        case Not(child):
            return Not(resolve_flags(child, resolve, notes))
    flag = flag_of(root)
    if flag is None:
        return root
    found = resolve(flag) if resolve else None
    if found is None:
        notes.append(_("No data for “%(flag)s” here.") % {"flag": flag_name(flag)})
    return found or flag


def _with_filters(root: Node, filters: Filters | None) -> Node:
    return conjoin(root, filters.nodes() if filters else ())


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


def _either(nodes: list[Exact] | list[Range]) -> Node | None:
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return Or(tuple(nodes))
