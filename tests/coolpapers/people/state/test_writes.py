from __future__ import annotations

from typing import Any

import pytest

from coolpapers.people.state.writes import MAX_KEY, MAX_VALUE_BYTES, SKEW_MS, Write, read_writes

NOW = 1_700_000_000_000


def row(**fields: Any) -> dict[str, Any]:
    return {"kind": "star", "key": "arxiv:1", "value": {}, "changed": NOW, "deleted": False, **fields}


def test_a_valid_write_is_read_unchanged() -> None:
    writes, refusals = read_writes([row(kind="note", value={"text": "ü"})], now_ms=NOW)
    assert refusals == []
    assert writes == [Write("note", "arxiv:1", NOW, {"text": "ü"})]
    assert writes[0].as_json() == row(kind="note", value={"text": "ü"})


def test_value_and_deleted_may_be_left_out() -> None:
    assert read_writes([{"kind": "star", "key": "a", "changed": 5}], now_ms=NOW) == ([Write("star", "a", 5)], [])


def test_a_time_far_ahead_is_clamped() -> None:
    near, far = read_writes([row(changed=NOW + 1000), row(changed=10**40)], now_ms=NOW)[0]
    assert (near.changed, far.changed) == (NOW + 1000, NOW + SKEW_MS)


def test_a_deleted_item_has_no_value() -> None:
    assert read_writes([row(value={"text": "x"}, deleted=True)], now_ms=NOW)[0][0].value == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "star",
        None,
        [],
        row(kind="stars"),
        row(kind=None),
        row(kind=["star"]),
        row(key=""),
        row(key=7),
        row(key="a\0b"),
        row(key="a\ud800"),
        row(key="x" * (MAX_KEY + 1)),
        row(changed="yesterday"),
        row(changed=-1),
        row(changed=True),
        row(changed=1.5),
        row(deleted="no"),
        row(value=[1]),
        row(value={"text": "a\0"}),
        row(value={"text": "a\ud800"}),
        row(value={"weight": float("nan")}),
        row(value={"text": "x" * MAX_VALUE_BYTES}),
    ],
)
def test_an_invalid_write_is_refused_alone_with_a_reason(wrong: object) -> None:
    writes, refusals = read_writes([row(), wrong, row(key="arxiv:2")], now_ms=NOW)
    assert [write.key for write in writes] == ["arxiv:1", "arxiv:2"]
    assert len(refusals) == 1
    assert refusals[0].reason
    assert len(refusals[0].as_json()["key"]) <= MAX_KEY


def test_the_later_write_ranks_higher_and_a_removal_at_the_same_time_too() -> None:
    early, late = Write("star", "a", 1), Write("star", "a", 2)
    gone = Write("star", "a", 1, deleted=True)
    assert early.rank < gone.rank < late.rank
