"""Two beats of a site: one starts the tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from coolpapers.operating.periodic import beat
from coolpapers.operating.periodic.beat import OneBeat
from coolpapers.operating.periodic.leader import RENEW_S

sent: list[str] = []


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OneBeat:
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)
    sent.clear()
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"often": {"task": "a", "schedule": 0.0}, "daily": {"task": "b", "schedule": 86_400.0}}

    class Noting(OneBeat):
        def apply_async(self, entry: object, *args: object, **kwargs: object) -> None:
            sent.append(entry.task)  # type: ignore[attr-defined]
            self.reserve(entry)

    return Noting(app, schedule_filename=str(tmp_path / "beat"), lazy=False)


def test_the_leader_starts_what_is_due(scheduler: OneBeat) -> None:
    scheduler.is_leader = lambda: True
    for _ in range(3):
        assert scheduler.tick() <= RENEW_S
    assert "a" in sent
    assert "b" not in sent


def test_the_other_one_starts_nothing_and_asks_again_in_time(scheduler: OneBeat) -> None:
    scheduler.is_leader = lambda: False
    assert [scheduler.tick() for _ in range(3)] == [RENEW_S] * 3
    assert sent == []


def test_it_is_the_schedulers_setting() -> None:
    module, _, name = settings.CELERY_BEAT_SCHEDULER.partition(":")
    assert (module, name) == (OneBeat.__module__, OneBeat.__name__)
