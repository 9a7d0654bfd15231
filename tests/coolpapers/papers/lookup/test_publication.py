from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from coolpapers.papers.lookup.publication import (
    first_published,
    publish,
    revision_before,
    revision_until,
    with_datestamps,
)
from coolpapers.papers.models import Paper, PublishedRevision
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, 0, 0, 700_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_change_is_dated_by_when_it_was_published_first() -> None:
    early = make_paper()
    publish(NOON)
    late = make_paper()  # an hour's import may commit this with an older time of change
    publish(NOON + 10 * SECOND)
    publish(NOON + 20 * SECOND)
    stamps = {paper.pk: paper.datestamp for paper in with_datestamps(Paper.objects.all())}
    whole = NOON.replace(microsecond=0)
    assert stamps == {early.pk: whole, late.pk: whole + 10 * SECOND}
    assert first_published() == whole
    assert revision_before(whole) == 0
    assert revision_before(whole + SECOND) == revision_until(NOON) == early.revision
    assert revision_until(whole + 10 * SECOND) == late.revision


def test_a_clock_that_is_set_back_does_not_mix_the_order() -> None:
    make_paper()
    publish(NOON)
    make_paper()
    publish(NOON - timedelta(hours=1))
    first, second = PublishedRevision.objects.order_by("revision")
    assert first.published_at == second.published_at


def test_changes_wait_where_the_database_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = make_paper()
    publish(NOON)
    make_paper()

    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(PublishedRevision.objects, "get_or_create", fail)
    assert publish(NOON + SECOND) == paper.revision
