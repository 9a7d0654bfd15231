"""Which works the records of a batch belong to, and how works of the library change by them.

:class:`WorkFinder` compares the records with those they share a key with (:mod:`.candidates`), takes in every record of
the library that the outcome depends on, and divides them into works (:mod:`coolpapers.papers.identity.grouping`). So
works are the same in whatever order and batches their records come.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coolpapers.papers.identity.grouping import group
from coolpapers.papers.identity.verdicts import Relation, Verdict, compare, is_other_paper
from coolpapers.papers.importing.candidates import (
    MAX_RECORDS,
    MAX_SHARING,
    IncomingRecord,
    LibraryRecords,
    Node,
    SharedKey,
    may_be_retitled,
)
from coolpapers.papers.importing.pairs import Link, link_of


@dataclass(slots=True, eq=False)
class PlannedWork:
    """A work as it will be: its records, the paper that has it (None: a new one) and papers that become part of it.

    ``is_regrouped``: records of the library come in or go out.
    """

    nodes: list[Node]
    paper_id: int | None = None
    absorbed: list[int] = field(default_factory=list)
    is_regrouped: bool = False

    @property
    def incoming(self) -> list[IncomingRecord]:
        """Fresh and changed records, in the order they came in."""
        nodes = sorted(self.nodes, key=lambda node: node.order)
        return [node.incoming for node in nodes if node.incoming is not None]

    @property
    def is_new(self) -> bool:
        """Whether all its records are new."""
        return self.paper_id is None and not self.is_regrouped

    @property
    def key(self) -> str:
        """The key of a new paper: that of the record that was met first."""
        return min(self.nodes, key=lambda node: node.order).key


MAX_COMPARED = 2_000  # comparisons in a batch for one shared key; then each record is compared with a few others
_FEW = 3
MAX_DOUBTFUL = 20  # pairs of one record that a batch lists for a librarian
_FRESH = 1 << 63  # the order of fresh records begins here, behind every primary key


class WorkFinder:
    """Finds the works of one batch. ``decisions`` holds an administrator's verdicts on pairs of records.

    After :meth:`plan`, ``reused`` holds, by key, the titles of papers of the library whose ids stand at other papers
    in the batch; these records are in no plan.
    """

    def __init__(self, *, decisions: Mapping[Link, Verdict] | None = None) -> None:
        self.doubtful: dict[Link, Verdict] = {}
        self.reused: dict[str, str] = {}
        self._decisions = dict(decisions or {})
        self._decided: dict[str, set[str]] = defaultdict(set)
        for one, other in self._decisions:
            self._decided[one].add(other)
            self._decided[other].add(one)
        self._fixed: list[PlannedWork] = []  # of papers with too many records to be divided anew
        self._library = LibraryRecords()
        self._nodes: dict[str, Node] = {}
        self._sharing: dict[SharedKey, list[Node]] = defaultdict(list)
        self._verdicts: dict[Link, Verdict] = {}
        self._neighbours: dict[str, set[str]] = defaultdict(set)
        self._compared: Counter[SharedKey] = Counter()

    def plan(
        self, fresh: Sequence[IncomingRecord], *, changed: Mapping[str, tuple[IncomingRecord, int]] | None = None
    ) -> list[PlannedWork]:
        """The works of fresh records and of stored ones that changed (with their papers' primary keys)."""
        nodes = [Node.of(incoming, order=_FRESH + place) for place, incoming in enumerate(fresh)]
        nodes += self._replaced(changed or {})
        self._take(nodes)
        return self._plan_from(nodes)

    def plan_papers(self, paper_ids: Iterable[int]) -> list[PlannedWork]:
        """The works of papers of the library, decided anew."""
        nodes = self._library.of_papers(paper_ids)
        self._take(nodes)
        return self._plan_from(nodes)

    def _plan_from(self, nodes: Sequence[Node]) -> list[PlannedWork]:
        self._explore(nodes)
        planned, self._fixed = self._fixed, []
        linked = []
        for node in nodes:
            if node.paper_id is None and node.key not in self._neighbours:
                planned.append(PlannedWork([node]))  # most records are alone; this is the short way
            else:
                linked.append(node)
        for members in self._components(linked):
            planned += _assign(self._works(members))
        self._find_doubtful(planned)
        return planned

    def _replaced(self, changed: Mapping[str, tuple[IncomingRecord, int]]) -> list[Node]:
        """Nodes of stored records as they are now; the other records of their papers are taken in."""
        loaded = self._library.of_papers({paper_id for _, paper_id in changed.values()})
        stored = {node.key: node for node in loaded}
        for key, (incoming, _) in changed.items():
            if key in stored and is_other_paper(stored[key].evidence, incoming.evidence):
                self.reused[key] = stored[key].title
        changed = {key: value for key, value in changed.items() if key not in self.reused}
        self._take(node for node in loaded if node.key not in changed)
        replaced = []
        for key, (incoming, paper_id) in changed.items():
            node = Node.of(incoming, order=_FRESH)
            node.paper_id = paper_id
            if key in stored:
                node.order, node.holds_paper = stored[key].order, stored[key].holds_paper
                replaced.append(node)
            else:
                self._fixed.append(PlannedWork([node], paper_id))
        return replaced

    def _explore(self, nodes: Sequence[Node]) -> None:
        """Compare the nodes with all that share a key, and go on from the papers that match."""
        frontier = list(nodes)
        explored: set[int] = {node.paper_id for node in nodes if node.paper_id is not None}
        while frontier:
            self._take(self._library.sharing(frontier))
            if self._decided:
                decided = {key for node in frontier for key in self._decided.get(node.key, ())}
                self._take(self._library.of_records(decided))
            reached: set[int] = set()
            for node in frontier:
                for other in self._candidates(node):
                    if self._link(node, other) and other.paper_id is not None:
                        reached.add(other.paper_id)
            reached -= explored
            explored |= reached
            frontier = [node for node in self._nodes.values() if node.paper_id in reached] if reached else []

    def _take(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.key in self._nodes:
                continue
            self._nodes[node.key] = node
            for shared in node.shared:
                self._sharing[shared].append(node)

    def _candidates(self, node: Node) -> list[Node]:
        found: dict[str, Node] = {}
        for shared in node.shared:
            sharing = self._sharing[shared]
            if len(sharing) == 1:
                continue
            limit = MAX_SHARING if self._compared[shared] < MAX_COMPARED else _FEW
            for other in sharing[:limit]:
                if other is not node and (shared.name != "authors" or may_be_retitled(node.title, other.title)):
                    found[other.key] = other
            self._compared[shared] += limit
        for key in self._decided.get(node.key, ()):
            if key in self._nodes:
                found[key] = self._nodes[key]
        return list(found.values())

    def _link(self, node: Node, other: Node) -> bool:
        is_same = self._verdict(node.key, other.key).relation is Relation.SAME
        if is_same:
            self._neighbours[node.key].add(other.key)
            self._neighbours[other.key].add(node.key)
        return is_same

    def _verdict(self, one: str, other: str) -> Verdict:
        link = link_of(one, other)
        verdict = self._verdicts.get(link)
        if verdict is None:
            verdict = self._decisions.get(link) or compare(self._nodes[link[0]].evidence, self._nodes[link[1]].evidence)
            self._verdicts[link] = verdict
        return verdict

    def _components(self, nodes: Iterable[Node]) -> list[list[Node]]:
        """Nodes that hang together by matches or by standing in one paper now, for each of the given ones."""
        by_paper: dict[int, list[str]] = defaultdict(list)
        for node in self._nodes.values():
            if node.paper_id is not None:
                by_paper[node.paper_id].append(node.key)
        seen: set[str] = set()
        components = []
        for start in nodes:
            if start.key in seen:
                continue
            seen.add(start.key)
            component, waiting = [], [start]
            while waiting:
                node = waiting.pop()
                component.append(node)
                beside = by_paper[node.paper_id] if node.paper_id is not None else ()
                for key in (*self._neighbours.get(node.key, ()), *beside):
                    if key not in seen:
                        seen.add(key)
                        waiting.append(self._nodes[key])
            components.append(component)
        return components

    def _works(self, members: Sequence[Node]) -> list[list[Node]]:
        if len(members) == 1:
            return [list(members)]
        works = []
        for part in _parts(members):
            groups = group((node.key for node in part), self._verdict)
            works += [[self._nodes[key] for key in keys] for keys in groups]
        return works

    def _find_doubtful(self, planned: Iterable[PlannedWork]) -> None:
        work_of = {node.key: n for n, work in enumerate(planned) for node in work.nodes}
        counts: Counter[str] = Counter()
        for link in sorted(self._verdicts):
            here, there = (work_of.get(key, key) for key in link)
            verdict = self._verdicts[link]
            if here == there or not (verdict.is_listed or verdict.relation is Relation.SAME):
                continue
            if all(counts[key] < MAX_DOUBTFUL for key in link):
                counts.update(link)
                self.doubtful[link] = verdict


def _parts(members: Sequence[Node]) -> list[list[Node]]:
    """Members in lists of at most :data:`MAX_RECORDS`; records of one paper stay in one list.

    Comparing all with all takes the square of their number, and a hostile file can make thousands hang together.
    """
    if len(members) <= MAX_RECORDS:
        return [list(members)]
    papers: dict[int | str, list[Node]] = defaultdict(list)
    for node in sorted(members, key=lambda node: (node.paper_id is None, node.order)):
        papers[node.key if node.paper_id is None else node.paper_id].append(node)
    parts: list[list[Node]] = [[]]
    for nodes in papers.values():
        if parts[-1] and len(parts[-1]) + len(nodes) > MAX_RECORDS:
            parts.append([])
        parts[-1] += nodes
    return parts


def _assign(works: Sequence[list[Node]]) -> Iterator[PlannedWork]:
    """Give each work its paper: the oldest of those whose key is one of its records'."""
    sizes = Counter(node.paper_id for nodes in works for node in nodes)
    for nodes in works:
        held = sorted({node.paper_id for node in nodes if node.paper_id is not None and node.holds_paper})
        paper_id = held[0] if held else None
        stays = [node for node in nodes if node.paper_id == paper_id]
        is_regrouped = any(node.paper_id not in (None, paper_id) for node in nodes)
        is_regrouped |= paper_id is not None and len(stays) < sizes[paper_id]
        yield PlannedWork(nodes, paper_id, held[1:], is_regrouped)
