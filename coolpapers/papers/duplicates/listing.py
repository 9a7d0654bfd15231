"""Pairs of records as an administrator reads them: what both say, and what each field speaks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from coolpapers.papers.identity.comparisons import Comparison, Weight, compare_fields
from coolpapers.papers.importing.candidates import LibraryRecords, Node
from coolpapers.papers.lookup.selectors import with_sources
from coolpapers.papers.models import Paper, PaperPair, PaperSource

_BATCH = 200  # pairs whose papers are loaded together


@dataclass(frozen=True, slots=True)
class Side:
    """One record of a pair; ``paper`` is None where the library does not hold it any more."""

    record: str
    paper: Paper | None = None
    node: Node | None = None

    @property
    def title(self) -> str:
        return self.node.title if self.node else ""

    @property
    def authors(self) -> tuple[str, ...]:
        return self.node.evidence.authors if self.node else ()

    @property
    def years(self) -> tuple[int, ...]:
        years = self.node.evidence.years if self.node else None
        return tuple(dict.fromkeys(years)) if years else ()

    @property
    def venue(self) -> str:
        return self.node.evidence.venue_name if self.node else ""

    @property
    def identifiers(self) -> dict[str, str]:
        """By scheme: arXiv id, DOI, entry of a registry."""
        if self.node is None:
            return {}
        evidence = self.node.evidence
        entry = {evidence.source: evidence.ident} if evidence.is_registry else {}
        named = {**entry, "arxiv": evidence.arxiv_id, "doi": evidence.doi}
        return {scheme: value for scheme, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class DescribedPair:
    """A pair with both records and their comparison, which is empty where a record is gone."""

    pair: PaperPair
    first: Side
    second: Side
    comparisons: list[Comparison] = field(default_factory=list)

    def fields_for(self, weight: Weight) -> list[str]:
        """Names of the fields that speak for this."""
        return [comparison.field for comparison in self.comparisons if comparison.weight is weight]

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second

    @property
    def is_one_paper(self) -> bool:
        return self.first.paper is not None and self.first.paper == self.second.paper


def find_pairs(
    *, state: str = PaperPair.State.OPEN, reasons: Sequence[str] = (), paper: Paper | None = None
) -> QuerySet[PaperPair]:
    """Pairs of a state (all where it is empty), newest first; open ones only where the library holds both records."""
    pairs = PaperPair.objects.order_by("-changed_at", "-pk")
    if state:
        pairs = pairs.filter(state=state)
    if reasons:
        pairs = pairs.filter(reason__in=reasons)
    if paper is not None:
        keys = list(paper.sources.values_list("key", flat=True))
        pairs = pairs.filter(Q(first__in=keys) | Q(second__in=keys))
    return pairs.filter(~Q(state=PaperPair.State.OPEN) | (Q(_is_held("first")) & Q(_is_held("second"))))


def describe_pairs(pairs: Iterable[PaperPair]) -> Iterator[DescribedPair]:
    """The pairs with what their records say."""
    rest = iter(pairs)
    while batch := list(islice(rest, _BATCH)):
        keys = {key for pair in batch for key in (pair.first, pair.second)}
        nodes = {node.key: node for node in LibraryRecords().of_records(keys)}
        ids = {node.paper_id for node in nodes.values() if node.paper_id is not None}
        papers = with_sources(Paper.objects.all()).in_bulk(list(ids))
        for pair in batch:
            yield _describe(pair, nodes, papers)


def _describe(pair: PaperPair, nodes: Mapping[str, Node], papers: Mapping[int, Paper]) -> DescribedPair:
    first, second = (_side(key, nodes.get(key), papers) for key in (pair.first, pair.second))
    if first.node is None or second.node is None:
        return DescribedPair(pair, first, second)
    return DescribedPair(pair, first, second, compare_fields(first.node.evidence, second.node.evidence))


def _side(key: str, node: Node | None, papers: Mapping[int, Paper]) -> Side:
    if node is None or node.paper_id is None:
        return Side(key)
    return Side(key, papers.get(node.paper_id), node)


def _is_held(name: str) -> Any:
    return Exists(PaperSource.objects.filter(key=OuterRef(name)))
