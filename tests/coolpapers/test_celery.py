from __future__ import annotations

import pytest
from pytest_django import Settings

from coolpapers import background, celery
from coolpapers.background import BackgroundThreads


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> BackgroundThreads:
    made = BackgroundThreads()
    monkeypatch.setattr(celery, "threads", made)
    monkeypatch.setattr(background, "close_old_connections", lambda: None)
    return made


def test_tasks_of_every_app_are_known() -> None:
    celery.app.loader.import_default_modules()
    assert "coolpapers.reading.tasks.work_on_summaries" in celery.app.tasks


def test_every_scheduled_task_exists(settings: Settings) -> None:
    celery.app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(celery.app.tasks)


def test_the_web_server_runs_periodic_tasks_on_their_queues(
    threads: BackgroundThreads, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated: list[tuple[str, float]] = []

    class Recording:
        def __init__(self, name: str) -> None:
            self.name = name

        def repeat(self, run: object, *, every_s: float) -> None:
            repeated.append((self.name, every_s))

    monkeypatch.setattr(threads, "lane", Recording)
    celery.start_background_threads()
    assert ("summaries", 30.0) in repeated
    n_repeated = len(repeated)
    celery.start_background_threads()
    assert len(repeated) == n_repeated


def test_with_a_broker_the_web_server_starts_no_threads(threads: BackgroundThreads, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://localhost"
    celery.start_background_threads()
    assert not threads.running
