from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.people.models import Item, SyncCounter
from coolpapers.people.state import sync
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write, read_writes
from tests.coolpapers.people.make import make_user
from tests.coolpapers.people.state.devices import Ask, Device

pytestmark = pytest.mark.django_db
START_MS = 1_700_000_000_000


def star(key: str, changed: int, *, deleted: bool = False) -> Write:
    return Write("star", key, changed, {}, deleted)


def held(user: User) -> dict[tuple[str, str], Write]:
    rows = Item.objects.filter(user=user)
    return {(row.kind, row.key): Write(row.kind, row.key, row.changed, row.value, row.deleted) for row in rows}


def asker(user: User, *, now_ms: int) -> Ask:
    def ask(sent: list[Write], cursor: int) -> tuple[list[Write], int, bool, bool]:
        writes, refusals = read_writes([write.as_json() for write in sent], now_ms=now_ms)
        assert refusals == []
        answer = sync_items(user, writes, cursor=cursor)
        return list(answer.items), answer.cursor, answer.has_more, answer.is_reset

    return ask


def test_the_later_write_wins_in_any_order() -> None:
    user = make_user()
    sync_items(user, [star("a", 20, deleted=True), star("b", 10)], cursor=0)
    sync_items(user, [star("a", 10), star("b", 20, deleted=True)], cursor=0)
    assert {key: write.deleted for (_kind, key), write in held(user).items()} == {"a": True, "b": True}


def test_a_device_receives_the_winner_of_its_lost_write() -> None:
    user = make_user()
    first = sync_items(user, [star("a", 20)], cursor=0)
    again = sync_items(user, [star("a", 10, deleted=True)], cursor=first.cursor)
    assert again.items == (star("a", 20),)


def test_the_later_of_two_writes_in_one_request_wins() -> None:
    user = make_user()
    sync_items(user, [star("a", 20, deleted=True), star("a", 10)], cursor=0)
    assert held(user)["star", "a"].deleted


def test_items_are_sent_once_and_only_to_their_user() -> None:
    user, other = make_user(), make_user()
    sync_items(other, [star("theirs", 1)], cursor=0)
    answer = sync_items(user, [star("mine", 1)], cursor=0)
    assert [write.key for write in answer.items] == ["mine"]
    assert sync_items(user, [], cursor=answer.cursor).items == ()


def test_many_items_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "PAGE", 4)
    user = make_user()
    sync_items(user, [star(f"{number:02d}", number) for number in range(10)], cursor=0)
    keys: list[str] = []
    cursor, has_more = 0, True
    while has_more:
        answer = sync_items(user, [], cursor=cursor)
        assert len(answer.items) <= 4
        keys += [write.key for write in answer.items]
        cursor, has_more = answer.cursor, answer.has_more
    assert keys == [f"{number:02d}" for number in range(10)]


def test_a_full_account_accepts_changes_but_no_new_items() -> None:
    user = make_user()
    sync_items(user, [star("a", 1)], cursor=0, max_items=1)
    answer = sync_items(user, [star("a", 2, deleted=True), star("b", 2)], cursor=0, max_items=1)
    assert [refusal.key for refusal in answer.refusals] == ["b"]
    assert held(user) == {("star", "a"): star("a", 2, deleted=True)}


def test_a_restored_server_resets_devices() -> None:
    user = make_user()
    device = Device()
    device.write("star", "a", {}, now_ms=START_MS)
    device.sync(asker(user, now_ms=START_MS))
    Item.objects.all().delete()  # an older backup was restored
    SyncCounter.objects.all().delete()
    device.sync(asker(user, now_ms=START_MS))
    assert set(held(user)) == {("star", "a")}


# One step: which device, and what it does. Times pass between the steps.
WRITES = st.tuples(
    st.just("write"), st.sampled_from(["star", "note"]), st.sampled_from("ab"), st.integers(0, 2), st.booleans()
)
STEPS = st.lists(
    st.tuples(st.integers(0, 2), WRITES | st.just(("ask",)) | st.just(("answer",)), st.integers(0, 3000)), max_size=25
)


@pytest.fixture
def reader() -> User:
    return make_user()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS, clocks=st.tuples(*[st.sampled_from([-3_600_000, -1, 0, 1, 60_000, 86_400_000])] * 3))
def test_devices_converge_in_any_order_of_writes_and_requests(
    reader: User, steps: list[tuple[int, tuple[object, ...], int]], clocks: tuple[int, ...]
) -> None:
    with transaction.atomic():
        _play(reader, steps, clocks)
        transaction.set_rollback(True)


def _play(reader: User, steps: list[tuple[int, tuple[object, ...], int]], clocks: tuple[int, ...]) -> None:
    """Let three devices write and sync in the order given; answers may come after further writes."""
    devices = [Device(ahead_ms=ahead) for ahead in clocks]
    waiting: dict[int, tuple[list[Write], list[Write], int]] = {}
    now_ms = START_MS
    for which, step, passed in steps:
        device = devices[which]
        now_ms += passed
        match step:
            case ("write", str(kind), str(key), number, bool(deleted)):
                device.write(kind, key, {"text": str(number)}, now_ms=now_ms, deleted=deleted)
            case ("ask",) if which not in waiting:
                sent, cursor = device.hand_in()
                items, cursor, _more, _reset = asker(reader, now_ms=now_ms)(sent, cursor)
                waiting[which] = sent, items, cursor
            case ("answer",) if which in waiting:
                device.take(*waiting.pop(which))
            case _:
                pass
    for which, answer in waiting.items():
        devices[which].take(*answer)
    for _round in range(2):
        for device in devices:
            device.sync(asker(reader, now_ms=now_ms))
    assert all(device.items == held(reader) for device in devices)
    assert all(not device.dirty for device in devices)
