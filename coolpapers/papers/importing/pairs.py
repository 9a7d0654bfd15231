"""Pairs of records that may be one work: those left for an administrator, and what administrators decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from coolpapers.papers.identity.verdicts import Rank, Relation, Verdict
from coolpapers.papers.models import PaperPair

Link = tuple[str, str]  # keys of two records in alphabetical order

_DECIDED = {
    PaperPair.State.SAME: Verdict(Relation.SAME, Rank.ADMINISTRATOR, "administrator"),
    PaperPair.State.APART: Verdict(Relation.DIFFERENT, reason="administrator"),
}


def link_of(one: str, other: str) -> Link:
    """The link of two records, in either order."""
    return (one, other) if one < other else (other, one)


def load_decisions() -> dict[Link, Verdict]:
    """Verdicts of administrators, by pair."""
    rows = PaperPair.objects.order_by().filter(state__in=_DECIDED).values_list("first", "second", "state")
    return {(first, second): _DECIDED[PaperPair.State(state)] for first, second, state in rows}


def close_joined(works: Iterable[Collection[str]]) -> None:
    """Forget open pairs whose records now stand in one work; works are given by the keys of their records."""
    work_of = {key: n for n, keys in enumerate(works) if len(keys) > 1 for key in keys}
    if not work_of:
        return
    open_pairs = PaperPair.objects.order_by().filter(state=PaperPair.State.OPEN, first__in=list(work_of))
    joined = [
        pk
        for pk, first, second in open_pairs.values_list("pk", "first", "second")
        if work_of[first] == work_of.get(second)
    ]
    if joined:
        PaperPair.objects.filter(pk__in=joined).delete()


def save_doubtful(pairs: Mapping[Link, Verdict]) -> None:
    """Keep pairs for an administrator; what was kept or decided before stays."""
    PaperPair.objects.bulk_create(
        (PaperPair(first=first, second=second, reason=verdict.reason) for (first, second), verdict in pairs.items()),
        ignore_conflicts=True,
    )
