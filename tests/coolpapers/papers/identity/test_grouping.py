from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.identity.grouping import group
from coolpapers.papers.identity.verdicts import Rank, Relation, Verdict

UNRELATED = Verdict(Relation.UNRELATED)
DIFFERENT = Verdict(Relation.DIFFERENT)
DOUBTFUL = Verdict(Relation.DOUBTFUL)


def same(rank: Rank = Rank.SAME_YEAR) -> Verdict:
    return Verdict(Relation.SAME, rank)


def verdicts(pairs: Mapping[str, Verdict]) -> Callable[[str, str], Verdict]:
    return lambda one, other: pairs.get(one + other) or pairs.get(other + one) or UNRELATED


def groups(keys: str, **pairs: Verdict) -> list[str]:
    return ["".join(keys) for keys in group(keys, verdicts(pairs))]


def test_pairs_chain_into_works() -> None:
    assert groups("abcd", ab=same(), bc=same()) == ["abc", "d"]
    assert groups("a") == ["a"]
    assert groups("") == []


def test_a_record_between_two_works_that_exclude_each_other_joins_neither() -> None:
    assert groups("abc", ac=same(), bc=same(), ab=DIFFERENT) == ["a", "b", "c"]
    assert groups("abc", ac=same(Rank.UNDATED), bc=same(Rank.UNDATED), ab=DOUBTFUL) == ["a", "b", "c"]


def test_the_stronger_of_two_matches_decides() -> None:
    assert groups("abc", ac=same(Rank.SAME_YEAR), bc=same(Rank.ONE_YEAR), ab=DIFFERENT) == ["ac", "b"]


def test_doubt_between_records_of_one_strong_match_does_not_part_them() -> None:
    assert groups("abc", ac=same(Rank.SAME_ID), bc=same(Rank.SAME_YEAR), ab=DOUBTFUL) == ["abc"]


def test_doubt_keeps_weak_matches_apart() -> None:
    assert groups("abc", ac=same(Rank.SAME_ID), bc=same(Rank.UNDATED), ab=DOUBTFUL) == ["ac", "b"]


def test_a_chain_whose_ends_exclude_each_other_stays_apart() -> None:
    assert groups("abcd", ab=same(), bc=same(), cd=same(), ad=DIFFERENT) == ["a", "b", "c", "d"]


def test_an_administrator_s_word_goes_above_all() -> None:
    assert groups("ab", ab=same(Rank.ADMINISTRATOR)) == ["ab"]
    assert groups("abc", ab=same(Rank.ADMINISTRATOR), bc=same(Rank.ADMINISTRATOR), ac=DIFFERENT) == ["abc"]


choices = st.sampled_from(
    [UNRELATED, UNRELATED, DIFFERENT, DOUBTFUL, *(same(rank) for rank in (Rank.UNDATED, Rank.SAME_YEAR, Rank.SAME_ID))]
)


@given(st.lists(choices, min_size=15, max_size=15), st.randoms())
def test_works_are_a_division_that_no_order_changes(found: list[Verdict], shuffled: random.Random) -> None:
    keys = list("abcdef")
    pairs = {a + b: found.pop() for n, a in enumerate(keys) for b in keys[n + 1 :]}
    expected = group(keys, verdicts(pairs))
    assert sorted(key for members in expected for key in members) == keys
    for members in expected:
        assert not any(
            pairs[a + b].relation is Relation.DIFFERENT for n, a in enumerate(members) for b in members[n + 1 :]
        )
    shuffled.shuffle(keys)
    assert group(keys, verdicts(pairs)) == expected


def test_groups_that_exclude_each_other_take_few_steps() -> None:
    keys = [f"x:{n:03d}" for n in range(120)]
    strangers = {keys[0], keys[1]}
    started = time.process_time()
    works = group(keys, lambda one, other: DIFFERENT if {one, other} == strangers else same())
    assert time.process_time() - started < 2
    assert sorted(key for members in works for key in members) == keys
