from __future__ import annotations

import json
from typing import Any

import pytest

from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.progress import StreamSlots, SummaryEvents, describe_state
from tests.coolpapers.reading.made import make_summary

pytestmark = pytest.mark.django_db


def test_slots_are_taken_and_given() -> None:
    slots = StreamSlots()
    assert [slots.acquire(2) for _ in range(3)] == [True, True, False]
    slots.release()
    assert slots.acquire(2)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "queued"}, "Next in the queue."),
        ({"status": "running"}, "Being written …"),
        ({"status": "running", "n_done": 2, "n_total": 6}, "Being written: question 3 of 6 …"),
        ({"status": "running", "n_done": 6, "n_total": 6}, "Being written: question 6 of 6 …"),
        ({"status": "done"}, ""),
    ],
)
def test_the_state_is_one_line(fields: dict[str, Any], state: str) -> None:
    assert describe_state(make_summary(**fields)) == state


def test_events_come_only_when_something_changed_and_the_slot_is_given_back_once() -> None:
    summary = make_summary(status="running", partial="One.")
    given: list[int] = []
    looked: list[int] = []

    def look_again(_: float) -> None:
        looked.append(1)
        if len(looked) == 3:
            Summary.objects.update(partial="One. Two.")
        if len(looked) == 5:
            Summary.objects.update(status="done")

    events = SummaryEvents(summary.pk, release=lambda: given.append(1), clock=lambda: 0.0, sleep=look_again)
    told = list(events)
    events.close()
    events.close()
    assert [event.partition("\n")[0] for event in told] == [
        "retry: 1000",
        "event: progress",
        "event: progress",
        "event: done",
    ]
    assert "Two." in json.loads(told[2].partition("data: ")[2])["html"]
    assert given == [1]


def test_a_stream_that_was_never_read_gives_its_slot_back_too() -> None:
    given: list[int] = []
    SummaryEvents(make_summary().pk, release=lambda: given.append(1)).close()
    assert given == [1]


def test_a_deleted_paper_ends_the_stream() -> None:
    summary = make_summary()
    events = SummaryEvents(summary.pk, release=lambda: None, sleep=lambda _: None)
    summary.paper.delete()
    assert [event.partition("\n")[0] for event in events] == ["retry: 1000", "event: done"]


def test_a_page_that_is_gone_is_noticed_by_writing_to_it_now_and_then() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    summary = make_summary(status="running", partial="One.")
    events = SummaryEvents(summary.pk, release=lambda: None, clock=lambda: now[0], sleep=sleep)
    told = list(events)
    assert told[2:] == [":\n\n"] * 8  # every 3 of 25 seconds
