"""What an administrator decides on two papers: merge them, keep them apart, undo either.

A decision is stored as :class:`~coolpapers.papers.models.PaperPair` rows on the papers' records, so that later imports
follow it, also for records that are deleted and imported again. Start at :func:`merge_papers`.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from coolpapers.papers.errors import PairError
from coolpapers.papers.importing.candidates import MAX_RECORDS
from coolpapers.papers.importing.pairs import Link, close_joined, link_of, load_decisions, save_doubtful
from coolpapers.papers.importing.regrouping import apply_plans
from coolpapers.papers.importing.rows import PaperTables
from coolpapers.papers.importing.works import WorkFinder
from coolpapers.papers.lookup.selectors import find_paper, papers_by_keys
from coolpapers.papers.models import Paper, PaperPair, PaperSource
from coolpapers.papers.names.permalinks import first_source
from search.vocabulary.identifiers import parse_identifier

_State = PaperPair.State
_DECIDED = (_State.SAME, _State.APART)


@dataclass(frozen=True, slots=True)
class Named:
    """A paper as an administrator names it, and the record of it that is meant."""

    paper: Paper
    record: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The papers that the records of a decision stand in now, oldest first; ``n_pairs`` decided or reopened pairs."""

    papers: list[Paper]
    n_pairs: int


def find_named(name: str) -> Named:
    """The paper and record that a key, identifier or address names.

    Raises
    ------
    PairError
        If the library has no such paper.
    """
    row = PaperSource.objects.select_related("paper").filter(key=name).first()
    if row is not None:
        return Named(row.paper, row.key)
    identifier = parse_identifier(name)
    if identifier is not None:
        row = (
            PaperSource.objects.select_related("paper")
            .filter(source=identifier.source, ident=identifier.value)
            .order_by("pk")
            .first()
        )
        if row is not None:
            return Named(row.paper, row.key)
    paper = papers_by_keys([name]).get(name) or (find_paper(identifier) if identifier else None)
    if paper is None:
        raise PairError(f"{name}: the library has no such paper; name it by its key, an identifier or its address.")
    return Named(paper, _holder(paper))


def merge_papers(first: Named, second: Named, *, by: str, now: datetime) -> Outcome:
    """Make two papers one, now and in later imports. The one with the older key remains.

    Raises
    ------
    PairError
        If both names mean one record, or the papers have more records than are divided again.
    """
    _check_two_records(first, second)
    with transaction.atomic():
        if first.paper.pk == second.paper.pk:
            links = {link_of(first.record, second.record)}
        else:
            links = _all_links(first, second) | _links_in_state(first, second, _State.APART)
        return _decide(links, _State.SAME, first=first, second=second, by=by, now=now)


def separate_papers(first: Named, second: Named, *, by: str, now: datetime) -> Outcome:
    """Keep two papers apart, now and in later imports; two records of one paper become two papers.

    Raises
    ------
    PairError
        If both names mean one record, a merger by an administrator holds them together, or the papers have more records
        than are divided again.
    """
    _check_two_records(first, second)
    with transaction.atomic():
        merger = _pair(first, second, _State.SAME)
        if merger is not None:
            undo_decision(merger, now=now)
            first, second = find_named(first.record), find_named(second.record)
        _check_not_merged(first, second)
        links = {link_of(first.record, second.record)}
        if first.paper.pk != second.paper.pk:
            links |= _links_in_state(first, second, _State.OPEN)
            links.add(link_of(_holder(first.paper), _holder(second.paper)))
        return _decide(links, _State.APART, first=first, second=second, by=by, now=now)


def undo_decision(pair: PaperPair, *, now: datetime) -> Outcome:
    """Take back the decision that a pair belongs to; papers that it joined or parted become what they were.

    Raises
    ------
    PairError
        If the pair is not decided.
    """
    if pair.state not in _DECIDED:
        raise PairError(f"{pair.first} and {pair.second}: there is no decision to undo.")
    with transaction.atomic():
        pairs = list(PaperPair.objects.filter(decision=pair.decision)) if pair.decision else [pair]
        for row in pairs:
            if row.history:
                row.state, row.decided_by, row.decision = row.history.pop()
                row.save()
            else:
                row.delete()
        return Outcome(_divide_anew({key for row in pairs for key in (row.first, row.second)}, now=now), len(pairs))


def find_decision(first: Named, second: Named, state: PaperPair.State) -> PaperPair:
    """The pair of a decision on the two papers.

    Raises
    ------
    PairError
        If there is none.
    """
    pair = _pair(first, second, state)
    if pair is None:
        links = _links_in_state(first, second, state)
        rows = PaperPair.objects.filter(state=state, first__in={one for one, _ in links}).order_by("-changed_at")
        pair = next((row for row in rows if (row.first, row.second) in links), None)
    if pair is None:
        what = "merged them" if state == _State.SAME else "keeps them apart"
        raise PairError(f"{first.record} and {second.record}: no decision {what}, so there is nothing to undo.")
    return pair


def _decide(
    links: set[Link], state: PaperPair.State, *, first: Named, second: Named, by: str, now: datetime
) -> Outcome:
    _store(links, state, by=by)
    papers = _divide_anew([first.record, second.record], now=now)
    return Outcome(papers, len(links))


def _store(links: set[Link], state: PaperPair.State, *, by: str) -> None:
    """Give pairs a state under one new decision; a pair that has the state already keeps the decision it has."""
    token = secrets.token_hex(16)
    rows = {(row.first, row.second): row for row in PaperPair.objects.filter(first__in={one for one, _ in links})}
    for first, second in sorted(links):
        row = rows.get((first, second)) or PaperPair(first=first, second=second)
        if row.pk and row.state == state:
            continue
        if row.pk:
            row.history.append([row.state, row.decided_by, row.decision])
        row.state, row.decided_by, row.decision = state, by[:150], token
        row.save()


def _divide_anew(records: Iterable[str], *, now: datetime) -> list[Paper]:
    """Divide the papers of records into works again; return the papers that the records stand in afterwards."""
    records = list(records)
    ids = list(PaperSource.objects.filter(key__in=records).order_by().values_list("paper_id", flat=True).distinct())
    finder = WorkFinder(decisions=load_decisions())
    plans = finder.plan_papers(ids)
    apply_plans(plans, tables=PaperTables(now=now), now=now)
    save_doubtful(finder.doubtful)
    close_joined([[node.key for node in plan.nodes] for plan in plans])
    return list(Paper.objects.filter(sources__key__in=records).distinct().order_by("pk"))


def _check_two_records(first: Named, second: Named) -> None:
    if first.record == second.record:
        keys = ", ".join(_records(first.paper))
        raise PairError(
            f"Both names mean the record {first.record} of one paper; name two of its records instead: {keys}."
        )
    for named in (first, second):
        count = named.paper.sources.count()
        if count > MAX_RECORDS:
            raise PairError(
                f"{named.paper.key} has {count:,} records; papers of more than {MAX_RECORDS} stay as they are."
            )


def _check_not_merged(first: Named, second: Named) -> None:
    """Refuse where other mergers by an administrator hold two records together."""
    mergers = PaperPair.objects.filter(state=_State.SAME, first__in=_records(first.paper))
    neighbours: dict[str, list[PaperPair]] = defaultdict(list)
    for pair in mergers:
        neighbours[pair.first].append(pair)
        neighbours[pair.second].append(pair)
    reached, waiting = {first.record}, [first.record]
    while waiting:
        for pair in neighbours[waiting.pop()]:
            for key in {pair.first, pair.second} - reached:
                reached.add(key)
                waiting.append(key)
    if second.record in reached:
        pair = next(iter(neighbours[second.record]))
        raise PairError(
            f"{first.record} and {second.record} were merged by a decision on {pair.first} and {pair.second}; undo "
            f"that first: merge_papers --undo {pair.first} {pair.second}"
        )


def _all_links(first: Named, second: Named) -> set[Link]:
    """Pairs that hold all records of two papers together: each record with one record of the other paper."""
    links = {link_of(first.record, key) for key in _records(second.paper)}
    return links | {link_of(second.record, key) for key in _records(first.paper)}


def _links_in_state(first: Named, second: Named, state: PaperPair.State) -> set[Link]:
    """Stored pairs of this state between the records of one paper and those of the other."""
    here, there = set(_records(first.paper)), set(_records(second.paper))
    rows = PaperPair.objects.filter(state=state, first__in=here | there).values_list("first", "second")
    return {(a, b) for a, b in rows if (a in here and b in there) or (a in there and b in here)}


def _pair(first: Named, second: Named, state: PaperPair.State) -> PaperPair | None:
    one, other = link_of(first.record, second.record)
    return PaperPair.objects.filter(first=one, second=other, state=state).first()


def _records(paper: Paper) -> Sequence[str]:
    return list(paper.sources.order_by("pk").values_list("key", flat=True))


def _holder(paper: Paper) -> str:
    """The key of the record that the paper is named by."""
    source = first_source(paper.key, paper.sources.all())
    return source.key if source is not None else paper.key
