from __future__ import annotations

import datetime as dt

import pytest

from coolpapers.reading.errors import ClaimLost
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries import queue
from tests.coolpapers.reading.made import NOW, make_summary

pytestmark = pytest.mark.django_db
LATER = NOW + queue.LEASE + dt.timedelta(seconds=1)


def claim(name: str, now: dt.datetime = NOW) -> Summary:
    summary = queue.claim_next(claim=name, now=now)
    assert summary is not None
    return summary


def test_new_papers_overtake_old_and_equals_are_served_in_order() -> None:
    old = make_summary(priority=1)
    second = make_summary(priority=9, requested_at=NOW + dt.timedelta(seconds=1))
    first = make_summary(priority=9)
    assert [claim("w").pk for _ in range(3)] == [first.pk, second.pk, old.pk]
    assert queue.claim_next(claim="w", now=NOW) is None


def test_a_claimed_summary_is_nobody_elses() -> None:
    make_summary()
    claim("one")
    assert queue.claim_next(claim="two", now=NOW) is None


def test_a_summary_whose_worker_went_silent_is_taken_over_and_the_first_worker_cannot_write_any_more() -> None:
    make_summary()
    lost = claim("one")
    queue.save_progress(lost, claim="one", now=NOW, partial="half", n_done=1, n_total=2)
    taken = claim("two", LATER)
    assert (taken.pk, taken.partial, taken.attempts) == (lost.pk, "", 2)
    with pytest.raises(ClaimLost):
        queue.save_progress(lost, claim="one", now=LATER, partial="more", n_done=2, n_total=2)
    with pytest.raises(ClaimLost):
        queue.finish(lost, claim="one", now=LATER, markdown="mine", source="x", label="")
    queue.finish(taken, claim="two", now=LATER, markdown="theirs", source="x", label="")
    assert Summary.objects.get().markdown == "theirs"


def test_a_heartbeat_keeps_the_claim() -> None:
    make_summary()
    mine = claim("one")
    queue.renew(mine, claim="one", now=LATER)
    assert queue.claim_next(claim="two", now=LATER) is None


def test_a_text_that_kills_its_workers_is_given_up() -> None:
    make_summary()
    now = NOW
    for n in range(queue.MAX_ATTEMPTS):
        claim(f"worker {n}", now)
        now += queue.LEASE * 2
    assert queue.claim_next(claim="last", now=now) is None
    summary = Summary.objects.get()
    assert summary.status == Summary.Status.FAILED
    assert "stopped 3 times" in summary.error


def test_finishing_puts_the_text_in_place_and_failing_keeps_the_old_one() -> None:
    make_summary(markdown="old")
    queue.fail(claim("w"), claim="w", now=NOW, reason="it broke")
    summary = Summary.objects.get()
    assert (summary.status, summary.markdown, summary.error, summary.partial) == ("failed", "old", "it broke", "")
    Summary.objects.update(status="queued")
    queue.finish(claim("w"), claim="w", now=NOW, markdown="new", source="extractive", label="")
    summary.refresh_from_db()
    assert (summary.status, summary.markdown, summary.error, summary.attempts) == ("done", "new", "", 0)


def test_given_back_it_waits_again_without_a_lost_attempt() -> None:
    make_summary()
    queue.release(claim("w"), claim="w")
    summary = Summary.objects.get()
    assert (summary.status, summary.attempts) == ("queued", 0)


def test_the_place_counts_what_comes_before() -> None:
    running = make_summary(priority=1)
    claim("w")
    urgent, mine, behind = make_summary(priority=9), make_summary(priority=5), make_summary(priority=1)
    places = [queue.place_in_queue(one) for one in (urgent, mine, behind)]
    assert places == [1, 2, 3]
    running.refresh_from_db()
    assert queue.place_in_queue(running) == 0


def test_one_row_can_be_claimed_by_itself() -> None:
    make_summary(priority=9)
    mine = make_summary(priority=1)
    claimed = queue.claim_next(claim="w", now=NOW, only=mine)
    assert claimed is not None
    assert claimed.pk == mine.pk
    assert queue.claim_next(claim="w", now=NOW, only=mine) is None
