"""Reads of one moment beside writers."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from coolpapers.operating.backups.snapshots import consistent_reads
from coolpapers.papers.models import Category, Paper, latest_revision
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work: object) -> None:
    def run() -> None:
        work()  # type: ignore[operator]
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_a_writer_neither_waits_nor_is_seen() -> None:
    make_paper()
    with consistent_reads():
        before = Paper.objects.count(), latest_revision()
        in_thread(make_paper)  # would wait for 30 s if reading kept writers out
        assert (Paper.objects.count(), latest_revision()) == before == (1, before[1])
    assert Paper.objects.count() == 2


def test_the_connection_of_the_thread_is_back_afterwards() -> None:
    own = connections["default"]

    def fail() -> None:
        with consistent_reads() as reading:
            assert connections["default"] is reading is not own
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert connections["default"] is own
    Category.objects.create(code="cs.CL")
    assert connection.settings_dict["OPTIONS"] == own.settings_dict["OPTIONS"]
