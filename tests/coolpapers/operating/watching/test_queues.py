"""Waiting tasks by queue, of a real Redis."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from coolpapers.celery import app
from coolpapers.operating.watching.gauges import read_gauges
from coolpapers.operating.watching.queues import BrokerDown, queue_lengths, queue_names
from tests.celery_broker import broker_of
from tests.servers import redis_server


def test_without_a_broker_there_are_none(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = ""
    assert queue_lengths() == {}


def test_queues_are_those_of_the_settings() -> None:
    assert queue_names()[0] == "celery"
    assert {"summaries", "mail", "pdfs", "backups"} <= set(queue_names())


@pytest.mark.servers
@pytest.mark.django_db
def test_tasks_that_wait_are_counted_and_a_dead_broker_is_told(settings: Settings) -> None:
    with redis_server() as server, broker_of(app, settings, server.url):
        assert set(queue_lengths().values()) == {0}
        for _ in range(3):
            app.send_task("coolpapers.reading.tasks.fetch_pdfs", queue="pdfs")
        assert queue_lengths()["pdfs"] == 3
        server.kill()
        with pytest.raises(BrokerDown, match="does not answer"):
            queue_lengths()
        up = {
            s.labels: s.value for family in read_gauges() for s in family.samples if family.name == "coolpapers_part_up"
        }
        assert up[("part", "queues"),] == 0
        assert up[("part", "library"),] == 1
