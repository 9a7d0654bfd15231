"""Papers of the library that are joined and parted by later records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from coolpapers.papers.importing import followers
from coolpapers.papers.importing.regrouping import apply_plans
from coolpapers.papers.importing.rows import PaperTables
from coolpapers.papers.importing.writing import BatchWriter
from coolpapers.papers.lookup.former_keys import surviving_keys
from coolpapers.papers.models import FormerPaper, Paper, Tombstone, Venue, latest_revision
from coolpapers.papers.records.record import Deletion, Record, Version
from tests.coolpapers.papers.importing.test_followers import Recorder
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TITLE = "Learning to parse sentences from very few trees"
PEOPLE = ["Ada Example", "Bo Müller"]


def write(*items: Record | Deletion) -> None:
    with transaction.atomic():
        BatchWriter(now=NOW).write(items)


def paper(key: str, **fields: Any) -> Record:
    return record(**{"key": key, "title": TITLE, "authors": PEOPLE, **fields})


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(followers, "_followers", {})
    made = Recorder()
    followers.register_follower(made)
    return made


ARXIV = {"submitted": "2020-05-01", "versions": [Version(1), Version(2, None, "typos")]}
JOURNAL = {"title": "Parsing in the wild", "doi": "10.1000/1", "venue": "Journal of Baz", "year": 2021}
BRIDGE = {"arxiv_id": "2005.00001", "doi": "10.1000/1", "title": f"Parsing in the wild, or {TITLE}"}


def test_a_record_that_names_two_papers_joins_them(recorder: Recorder) -> None:
    write(paper("arxiv:2005.00001", **ARXIV))
    write(paper("x:journal", **JOURNAL))
    first, second = Paper.objects.order_by("pk")
    write(paper("x:bridge", **{**BRIDGE, "title": "Parsing in the wild"}))
    joined = Paper.objects.get()
    assert joined.pk == first.pk
    assert set(joined.sources.values_list("key", flat=True)) == {"arxiv:2005.00001", "x:journal", "x:bridge"}
    assert (joined.title, joined.doi, str(joined.venue)) == (TITLE, "10.1000/1", "Journal-of-Baz")
    assert list(joined.versions.values_list("number", "note")) == [(1, ""), (2, "typos")]
    assert joined.revision > first.revision
    assert Tombstone.objects.get().key == "x:journal"
    assert surviving_keys(["x:journal"]) == {"x:journal": "arxiv:2005.00001"}
    assert recorder.calls == [("join", second.pk, first.pk)]


def test_a_paper_that_was_joined_comes_back_with_what_it_held(recorder: Recorder) -> None:
    write(paper("x:2019", year=2019, venue="Journal of Baz", volume="5"))
    write(paper("x:late", year=2020, venue="Journal of Baz"))
    assert Paper.objects.count() == 1
    write(paper("acl:1", source="acl", ident="2019.x-1.1", venue="ACL 2019", year=2019, title="Other"))
    held = Paper.objects.get(key="acl:1")
    assert held.sources.count() == 1
    assert latest_revision() >= held.revision


def test_a_better_match_takes_a_record_over_and_leaves_the_rest() -> None:
    write(paper("openreview:Aa1Bb2Cc3", venue="ICLR 2020", status="Reject", year=2020, abstract="rejected"))
    write(paper("arxiv:2005.00001", abstract="$x$", **ARXIV))
    assert Paper.objects.get().key == "openreview:Aa1Bb2Cc3"
    write(paper("pmlr:v1/example21a", source="pmlr", ident="v1/example21a", venue="ICML 2021", year=2021))
    rejected, accepted = Paper.objects.order_by("pk")
    assert (rejected.key, rejected.abstract, str(rejected.venue)) == ("openreview:Aa1Bb2Cc3", "rejected", "ICLR")
    assert list(rejected.versions.all()) == []
    assert rejected.sources.get().record is None
    assert (accepted.key, accepted.abstract, str(accepted.venue)) == ("arxiv:2005.00001", "$x$", "ICML")
    assert accepted.versions.count() == 2
    assert {str(slug) for slug in Venue.objects.all()} == {"ICLR", "ICML"}


def test_an_administrator_s_corrections_stay_with_the_paper_that_is_parted() -> None:
    FormerPaper.objects.create(
        key="arxiv:2005.00001",
        corrections={"title": "Corrected by hand"},
        created_at=datetime(2025, 1, 1, tzinfo=UTC),
        joined_at=NOW,
    )
    write(paper("openreview:Aa1Bb2Cc3", venue="ICLR 2020", status="Reject", year=2020))
    write(paper("arxiv:2005.00001", **ARXIV))
    write(paper("pmlr:v1/example21a", source="pmlr", ident="v1/example21a", venue="ICML 2021", year=2021))
    parted = Paper.objects.get(key="arxiv:2005.00001")
    assert (parted.title, parted.edited, parted.created_at.year) == ("Corrected by hand", ["title"], 2025)
    assert not FormerPaper.objects.exists()


def test_nothing_planned_writes_nothing() -> None:
    assert apply_plans([], tables=PaperTables(now=NOW), now=NOW).written == 0
