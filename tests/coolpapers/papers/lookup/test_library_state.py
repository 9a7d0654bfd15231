from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from coolpapers.papers.lookup.library_state import STARTER_LOCATION, read_library_state
from coolpapers.papers.management.commands.load_starter import STARTER
from coolpapers.papers.models import ImportRun

pytestmark = pytest.mark.django_db


def ran(location: str, *, days_ago: float) -> None:
    run = ImportRun.objects.create(source="jsonl", location=location)
    ImportRun.objects.filter(pk=run.pk).update(updated_at=now() - timedelta(days=days_ago))


def test_a_library_is_as_old_as_its_latest_import() -> None:
    assert read_library_state(now=now(), stale_days=7).updated_at is None
    ran("/a", days_ago=30)
    assert read_library_state(now=now(), stale_days=7).is_stale
    assert not read_library_state(now=now(), stale_days=0).is_stale
    assert read_library_state(now=now(), stale_days=7).n_days_old(now()) == 30
    ran("/b", days_ago=6.9)
    assert not read_library_state(now=now(), stale_days=7).is_stale


def test_the_starter_library_is_one_into_which_nothing_else_was_imported() -> None:
    assert not read_library_state(now=now(), stale_days=7).is_starter
    ran(str(STARTER / "papers.jsonl"), days_ago=0)
    assert str(STARTER / "papers.jsonl").endswith(STARTER_LOCATION)
    assert read_library_state(now=now(), stale_days=7).is_starter
    ran("https://export.example.org/oai2", days_ago=0)
    assert not read_library_state(now=now(), stale_days=7).is_starter
