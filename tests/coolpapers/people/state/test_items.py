from __future__ import annotations

import datetime as dt
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.items import Items, clean_name, move_in_order, new_ident
from coolpapers.people.state.writes import Write

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def items(*writes: Write) -> Items:
    return Items(writes, now=NOW)


def collection(ident: str = "c1", name: str = "To read", **value: Any) -> Write:
    return Write(Kind.COLLECTION, ident, 1, {"name": name, "note": "", **value})


def member(key: str, position: Any, ident: str = "c1", note: str = "") -> Write:
    return Write(Kind.MEMBER, f"{ident}/{key}", 1, {"position": position, "note": note})


def keys_after(before: Items, writes: Any, ident: str = "c1") -> list[str]:
    one = before.after(writes).collection(ident)
    assert one is not None
    return one.keys


# ---- reading -------------------------------------------------------------------------------------------


def test_a_collection_has_its_members_in_order() -> None:
    shelf = items(collection(), member("b", 2), member("hep-th/9901001", 1), member("x", 1, ident="other"))
    (one,) = shelf.collections()
    assert (one.name, one.keys) == ("To read", ["hep-th/9901001", "b"])
    assert items(collection("1", "b"), collection("2", "A")).collections()[0].name == "A"


@pytest.mark.parametrize("position", [None, "1", [], True, 1e300, float("inf"), {}])
def test_a_member_without_a_valid_position_comes_last(position: Any) -> None:
    shelf = items(collection(), member("odd", position), member("z", 7))
    assert shelf.collections()[0].keys == ["z", "odd"]


@pytest.mark.parametrize("value", [{}, {"name": None}, {"name": 7, "note": 8}, {"name": "  "}])
def test_a_collection_with_invalid_values_is_readable(value: dict[str, Any]) -> None:
    (one,) = items(Write(Kind.COLLECTION, "c1", 1, value)).collections()
    assert one.name


def test_deleted_items_are_not_there() -> None:
    shelf = items(collection(), member("a", 1), Write(Kind.MEMBER, "c1/b", 1, deleted=True))
    assert shelf.collections()[0].keys == ["a"]
    assert items(Write(Kind.COLLECTION, "c1", 1, deleted=True)).collections() == []


# ---- changing ------------------------------------------------------------------------------------------


def test_a_new_collection_can_hold_papers() -> None:
    writes = items().create("  To \n read ", keys=["b", "a", "b"])
    (one,) = items(*writes).collections()
    assert (one.name, one.keys) == ("To read", ["b", "a"])


def test_added_papers_come_last_and_once() -> None:
    shelf = items(collection(), member("a", 1, note="mine"), member("b", 5e9))
    assert keys_after(shelf, shelf.add_papers(shelf.collections()[0], ["c", "a", "c", "d"])) == ["a", "b", "c", "d"]
    assert shelf.after(shelf.add_papers(shelf.collections()[0], ["a"])).collections()[0].notes == {"a": "mine"}


def test_papers_added_without_the_other_members_come_last_too() -> None:
    known = items(collection())
    writes = known.add_papers(known.collections()[0], ["new"])
    assert items(collection(), member("a", 1), member("b", 900), *writes).collections()[0].keys == ["a", "b", "new"]


def test_a_deleted_collection_is_restored_completely() -> None:
    shelf = items(collection(note="n"), member("a", 2, note="x"), member("b", 1), member("a", 1, ident="other"))
    (one,) = shelf.collections()
    writes = shelf.delete(one)
    gone = shelf.after(writes)
    assert gone.collections() == []
    assert {write.key for write in writes} == {"c1", "c1/a", "c1/b"}
    restored = gone.after(gone.restore(shelf.deleted_by(writes)))
    assert restored.collections() == [one]


def test_undoing_keeps_newer_items() -> None:
    shelf = items(collection(), member("a", 1, note="old"))
    removed = shelf.deleted_by(shelf.remove_paper(shelf.collections()[0], "a"))
    newer = items(collection(), member("a", 3, note="new"))
    assert newer.restore(removed) == []


def test_notes_are_kept_with_their_place() -> None:
    shelf = items(collection(), member("a", 4))
    one = shelf.after(shelf.annotate(shelf.collections()[0], "a", "read §3")).collections()[0]
    assert (one.members[0].note, one.members[0].position) == ("read §3", 4)
    assert shelf.annotate(shelf.collections()[0], "none", "x") == []


def test_an_edit_keeps_unknown_fields() -> None:
    shelf = items(collection(colour="red"))
    (write,) = shelf.edit(shelf.collections()[0], name=" ", note="n")
    assert write.value == {"name": "To read", "note": "n", "colour": "red"}


# A tablet whose clock is ahead must not make the laptop's next change lost.
def test_a_change_is_later_than_what_it_changes() -> None:
    ahead = NOW_MS + 10_000
    shelf = items(Write(Kind.COLLECTION, "c1", ahead, {"name": "x"}), Write(Kind.MEMBER, "c1/a", ahead, deleted=True))
    assert shelf.edit(shelf.collections()[0], name="y", note="")[0].changed == ahead + 1
    assert shelf.add_papers(shelf.collections()[0], ["a"])[0].changed == ahead + 1
    assert shelf.create("new")[0].changed == NOW_MS


# ---- order ---------------------------------------------------------------------------------------------

positions = st.one_of(st.integers(-5, 5), st.floats(-9, 9), st.just(inf))
orders = st.lists(st.tuples(st.uuids().map(str), positions), min_size=1, max_size=12, unique_by=lambda pair: pair[0])


@given(orders, st.data())
def test_a_move_equals_moving_an_element_of_a_list(given_order: list[tuple[str, float]], data: st.DataObject) -> None:
    shown = sorted(given_order, key=lambda pair: (pair[1], pair[0]))
    names = [name for name, _ in shown]
    key, by = data.draw(st.sampled_from(names)), data.draw(st.integers(-15, 15))
    wanted = [name for name in names if name != key]
    wanted.insert(max(0, min(len(names) - 1, names.index(key) + by)), key)
    after = {**dict(shown), **move_in_order(shown, key, by=by)}
    assert [name for name, _ in sorted(after.items(), key=lambda pair: (pair[1], pair[0]))] == wanted


@given(orders, st.data())
def test_a_move_writes_only_the_members_between(given_order: list[tuple[str, float]], data: st.DataObject) -> None:
    distinct = sorted({position: name for name, position in given_order if position != inf}.items())
    shown = [(name, position) for position, name in distinct]
    if not shown:
        return
    key, by = data.draw(st.sampled_from([name for name, _ in shown])), data.draw(st.integers(-3, 3))
    moved = move_in_order(shown, key, by=by)
    assert len(moved) <= abs(by) + 1
    assert set(moved.values()) <= {position for _, position in shown}


@given(st.lists(st.sampled_from(["up", "down", "top", "add", "out"]), max_size=12), st.randoms())
def test_any_sequence_of_changes_equals_that_of_a_list(changes: list[str], random: Any) -> None:
    shelf, oracle = items(collection(), *(member(name, 0) for name in "abc")), ["a", "b", "c"]
    for number, change in enumerate(changes):
        one = shelf.collections()[0]
        if change == "add":
            writes = shelf.add_papers(one, [f"n{number}"])
            oracle.append(f"n{number}")
        elif not oracle:
            continue
        else:
            key = random.choice(oracle)
            at = oracle.index(key)
            if change == "out":
                writes = shelf.remove_paper(one, key)
                oracle.remove(key)
            else:
                by = {"up": -1, "down": 1, "top": -len(oracle)}[change]
                writes = shelf.move(one, key, by=by)
                oracle.insert(max(0, min(len(oracle), at + by)), oracle.pop(at))
        shelf = shelf.after(writes)
        assert shelf.collections()[0].keys == oracle


def test_moving_a_missing_paper_changes_nothing() -> None:
    assert move_in_order([("a", 1)], "b", by=1) == {}
    assert move_in_order([("a", 1)], "a", by=-1) == {}


# ---- searches ------------------------------------------------------------------------------------------


def test_a_query_is_saved_once() -> None:
    first = items().save_search(name="", query=" graph  networks ", mail=False)
    shelf = items(*first)
    (search,) = shelf.searches()
    assert (search.title, search.query, search.mail, search.opened_at) == (
        "graph networks",
        "graph networks",
        False,
        NOW,
    )
    again = shelf.after(shelf.save_search(name="Nets", query="graph networks", mail=True))
    (search,) = again.searches()
    assert (search.name, search.mail) == ("Nets", True)
    assert items().save_search(name="x", query="  ", mail=False) == []


def test_a_search_changes_and_is_opened() -> None:
    shelf = items(Write(Kind.SEARCH, "s1", 1, {"name": "N", "query": "q", "mail": True, "extra": 1}))
    (search,) = shelf.searches()
    (edited,) = shelf.edit_search(search, name="", query=" ", mail=False)
    assert edited.value == {"name": "", "query": "q", "mail": False, "extra": 1}
    (opened,) = shelf.open_search(search)
    assert opened.value["opened"] == NOW_MS
    assert shelf.after(shelf.delete_search(search)).searches() == []


def test_ids_fit_an_address_and_a_member_key() -> None:
    idents = {new_ident() for _ in range(100)}
    assert len(idents) == 100
    assert not any("/" in ident for ident in idents)
    assert len(clean_name("x" * 500)) == 120
