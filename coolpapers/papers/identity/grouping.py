"""Works made of records: which records stand together, whatever order they came in. Pure. Start at :func:`group`.

Pairs are joined from the strongest rank to the weakest. Two groups stay apart if one record of the one and one of the
other are *different*, or, where years differ or are missing, *doubtful*. If a group could join two others that exclude
each other, it joins neither, and an administrator decides. The result is a function of the set of records, so order
and batches of imports do not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from coolpapers.papers.identity.verdicts import Rank, Relation, Verdict

# Below this rank the year is no evidence for a pair, so a doubtful pair between two groups keeps them apart.
_STRONG = Rank.SAME_YEAR

Verdicts = Callable[[str, str], Verdict]


@dataclass(frozen=True, slots=True)
class Decision:
    """An administrator's word on two records: one work, or two."""

    first: str
    second: str
    is_same: bool


def group(keys: Iterable[str], verdict: Verdicts) -> list[list[str]]:
    """Divide records, given by their keys, into works; works and the keys in each are in alphabetical order.

    ``verdict`` is asked for every two keys and must not depend on their order.
    """
    names = sorted(set(keys))
    verdicts = {(a, b): verdict(a, b) for n, a in enumerate(names) for b in names[n + 1 :]}
    ranks = sorted({found.rank for found in verdicts.values() if found.relation is Relation.SAME}, reverse=True)
    groups = [[name] for name in names]
    for rank in ranks:
        groups = _join(groups, verdicts, rank)
    return sorted(groups)


def _join(groups: Sequence[list[str]], verdicts: Mapping[tuple[str, str], Verdict], rank: Rank) -> list[list[str]]:
    """Join groups between which stands a pair of at least this rank."""
    place = {name: n for n, members in enumerate(groups) for name in members}
    edges: set[tuple[int, int]] = set()
    excluded: set[tuple[int, int]] = set()
    for (a, b), found in verdicts.items():
        here, there = sorted((place[a], place[b]))
        if here == there:
            continue
        if found.relation is Relation.SAME and found.rank >= rank:
            edges.add((here, there))
        elif _excludes(found, rank):
            excluded.add((here, there))
    if rank is not Rank.ADMINISTRATOR:
        edges = _unambiguous(edges - excluded, excluded)
    return _united(groups, edges, excluded if rank is not Rank.ADMINISTRATOR else set())


def _excludes(verdict: Verdict, rank: Rank) -> bool:
    if verdict.relation is Relation.DIFFERENT:
        return True
    return verdict.relation is Relation.DOUBTFUL and rank < _STRONG


def _unambiguous(edges: set[tuple[int, int]], excluded: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Edges whose ends have no other neighbour that excludes the far end."""
    if not excluded:
        return edges
    neighbours, enemies = _adjacent(edges), _adjacent(excluded)
    return {
        (here, there)
        for here, there in edges
        if neighbours[here].isdisjoint(enemies[there]) and neighbours[there].isdisjoint(enemies[here])
    }


def _adjacent(pairs: Iterable[tuple[int, int]]) -> defaultdict[int, set[int]]:
    adjacent: defaultdict[int, set[int]] = defaultdict(set)
    for here, there in pairs:
        adjacent[here].add(there)
        adjacent[there].add(here)
    return adjacent


def _united(
    groups: Sequence[list[str]], edges: set[tuple[int, int]], excluded: set[tuple[int, int]]
) -> list[list[str]]:
    """Groups joined along the edges; those that a chain of edges would join against an exclusion stay as they are."""
    parts = _components(len(groups), edges)
    united: list[list[str]] = []
    for part in parts:
        if any((a, b) in excluded for n, a in enumerate(part) for b in part[n + 1 :]):
            united += [list(groups[n]) for n in part]
        else:
            united.append(sorted(name for n in part for name in groups[n]))
    return united


def _components(count: int, edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    root = list(range(count))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for here, there in edges:
        root[find(there)] = find(here)
    members: dict[int, list[int]] = defaultdict(list)
    for node in range(count):
        members[find(node)].append(node)
    return list(members.values())
