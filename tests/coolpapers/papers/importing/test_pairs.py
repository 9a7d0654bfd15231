from __future__ import annotations

import pytest

from coolpapers.papers.identity.verdicts import Rank, Relation, Verdict
from coolpapers.papers.importing.pairs import close_joined, load_decisions, save_doubtful
from coolpapers.papers.models import PaperPair

pytestmark = pytest.mark.django_db
DOUBTFUL = Verdict(Relation.DOUBTFUL, reason="year", is_listed=True)


def test_doubtful_pairs_are_kept_once_and_decisions_stay() -> None:
    PaperPair.objects.create(first="a", second="b", state=PaperPair.State.APART)
    for _ in range(2):
        save_doubtful({("a", "b"): DOUBTFUL, ("a", "c"): DOUBTFUL})
    assert set(PaperPair.objects.values_list("first", "second", "state", "reason")) == {
        ("a", "b", "apart", ""),
        ("a", "c", "open", "year"),
    }


def test_decisions_are_verdicts() -> None:
    for second, state in (("b", "same"), ("c", "apart"), ("d", "open")):
        PaperPair.objects.create(first="a", second=second, state=state)
    decisions = load_decisions()
    assert decisions[("a", "b")] == Verdict(Relation.SAME, Rank.ADMINISTRATOR, "administrator")
    assert decisions[("a", "c")].relation is Relation.DIFFERENT
    assert ("a", "d") not in decisions


def test_open_pairs_within_a_work_are_forgotten() -> None:
    for first, second, state in (("a", "b", "open"), ("a", "c", "open"), ("b", "d", "same")):
        PaperPair.objects.create(first=first, second=second, state=state)
    close_joined([["a", "b", "d"], ["c"]])
    assert set(PaperPair.objects.values_list("first", "second")) == {("a", "c"), ("b", "d")}
