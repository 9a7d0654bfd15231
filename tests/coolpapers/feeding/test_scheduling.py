from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from coolpapers.feeding import scheduling
from coolpapers.feeding.kinds.registry import KINDS
from coolpapers.feeding.models import FeedSource
from coolpapers.feeding.scheduling import CLAIM, claim, harvest_next, is_due
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import NOW, body, make_source, run
from tests.coolpapers.papers.make import DATA
from tests.local_servers import serve

RSS = (DATA / "feed" / "arxiv.rss").read_bytes()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("hour", "finished_at", "due"),
    [
        (6, None, True),  # never harvested
        (6, NOW - 5 * HOUR, False),  # today, at seven
        (6, NOW - 7 * HOUR, True),  # before six
        (6, NOW - 9 * DAY, True),  # the site was off
        (13, NOW - 20 * HOUR, False),  # yesterday after one; today's hour has not come
        (13, NOW - 24 * HOUR, True),
        (None, NOW - timedelta(minutes=1), True),  # the hour has changed since
        (None, NOW, False),
    ],
)
def test_a_source_is_due_when_its_hour_has_come(
    settings: Any, hour: int | None, finished_at: datetime | None, due: bool
) -> None:
    settings.TIME_ZONE = "UTC"
    assert is_due(FeedSource(hour=hour, finished_at=finished_at), NOW) is due


def test_a_paused_source_and_one_that_failed_just_now_wait() -> None:
    assert not is_due(FeedSource(is_active=False), NOW)
    assert not is_due(FeedSource(retry_at=NOW + HOUR), NOW)
    assert is_due(FeedSource(retry_at=NOW - HOUR), NOW)


@pytest.mark.django_db
def test_failures_are_tried_again_later_and_later_and_forgotten_after_a_success() -> None:
    source = make_source("feed", address="")
    waits = []
    for _ in range(6):
        run(source)
        source.refresh_from_db()
        assert source.retry_at is not None
        waits.append(source.retry_at - NOW)
    assert waits[:3] == [HOUR / 4, HOUR / 2, HOUR]
    assert max(waits) == 6 * HOUR
    with serve(body(RSS)) as server:
        FeedSource.objects.update(address=server.url)
        assert run(source).error == ""
    source.refresh_from_db()
    assert (source.n_failures, source.retry_at, source.error, source.finished_at) == (0, None, "", NOW)


@pytest.mark.django_db
def test_one_worker_harvests_a_source_and_another_one_when_it_was_killed() -> None:
    source = make_source("feed")
    assert claim(source, NOW)
    assert not claim(source, NOW + CLAIM / 2)
    assert claim(source, NOW + 2 * CLAIM)


@pytest.mark.django_db
def test_a_fault_in_one_kind_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    make_source("openreview", selection="x", name="a")
    with serve(body(RSS)) as server:
        make_source("feed", address=server.url, name="b")

        def fail(run: object) -> None:
            raise ZeroDivisionError("a fault")

        monkeypatch.setattr(scheduling, "KINDS", {**KINDS, "openreview": fail})
        harvested: set[int] = set()
        first = harvest_next(now=lambda: NOW, harvested=harvested)
        second = harvest_next(now=lambda: NOW, harvested=harvested)
        assert harvest_next(now=lambda: NOW, harvested=harvested) is None
    assert first is not None
    assert second is not None
    assert first.error == "ZeroDivisionError: a fault"
    assert (second.error, second.n_written, Paper.objects.count()) == ("", 1, 1)
