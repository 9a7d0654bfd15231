"""Items of readers stay with their papers when an administrator merges two and takes that back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from coolpapers.papers.duplicates.decisions import find_decision, find_named, merge_papers, undo_decision
from coolpapers.papers.models import PaperPair
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.renamed_keys import rename_items
from coolpapers.people.state.sync import current_revision, sync_items
from coolpapers.people.state.writes import Write
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = "arxiv:2603.00002", "arxiv:2603.00001"  # the younger paper becomes part of the older one


@pytest.fixture(autouse=True)
def papers() -> None:
    make_paper(arxiv_id="2603.00001", title="One paper about cats")
    make_paper(arxiv_id="2603.00002", title="Another paper, of dogs")


def merge() -> None:
    merge_papers(find_named(OLD), find_named(NEW), by="ada", now=NOW)


def undo() -> None:
    undo_decision(find_decision(find_named(OLD), find_named(NEW), PaperPair.State.SAME), now=NOW)


def held(user: User) -> dict[tuple[str, str], object]:
    rows = Item.objects.filter(user=user, deleted=False).values_list("kind", "key", "value")
    return {(kind, key): value for kind, key, value in rows}


def test_items_move_at_once_and_return() -> None:
    ada, alan = make_user(), make_user()
    keep(ada, Kind.STAR, OLD)
    keep(ada, Kind.MEMBER, f"c1/{OLD}", value={"position": 3, "note": "good"})
    keep(ada, Kind.STAR, "arxiv:2603.99999")
    keep(alan, Kind.NOTE, OLD, value={"text": "mine"})
    before = held(ada), held(alan)
    merge()
    assert held(ada) == {
        ("star", NEW): {},
        ("member", f"c1/{NEW}"): {"position": 3, "note": "good"},
        ("star", "arxiv:2603.99999"): {},
    }
    assert held(alan) == {("note", NEW): {"text": "mine"}}
    assert rename_items() == 0
    undo()
    assert (held(ada), held(alan)) == before


def test_items_of_both_papers_are_joined_and_told_apart_again() -> None:
    ada = make_user()
    for key, text in ((OLD, "of dogs"), (NEW, "of cats")):
        keep(ada, Kind.STAR, key)
        keep(ada, Kind.NOTE, key, value={"text": text})
    before = held(ada)
    merge()
    assert held(ada) == {("star", NEW): {}, ("note", NEW): {"text": "of cats\n\nof dogs"}}
    undo()
    assert held(ada) == before


def test_what_the_reader_did_meanwhile_counts() -> None:
    ada = make_user()
    keep(ada, Kind.STAR, OLD)
    keep(ada, Kind.NOTE, OLD, value={"text": "first"})
    keep(ada, Kind.READ, NEW)
    merge()
    later = [Write("star", NEW, 1_000, deleted=True), Write("note", NEW, 1_000, {"text": "second"})]
    sync_items(ada, later, cursor=current_revision(ada.pk))
    undo()
    assert held(ada) == {
        ("note", OLD): {"text": "second"},
        ("note", NEW): {"text": "second"},
        ("read", NEW): {},
    }


def test_a_device_that_syncs_later_learns_of_both() -> None:
    ada = make_user()
    keep(ada, Kind.STAR, OLD)
    merge()
    cursor = current_revision(ada.pk)
    undo()
    answer = sync_items(ada, [], cursor=cursor)
    assert {(item.key, item.deleted) for item in answer.items} == {(OLD, False), (NEW, True)}


def test_accounts_that_are_gone_are_passed_over() -> None:
    ada = make_user()
    keep(ada, Kind.STAR, OLD)
    merge()
    ada.delete()
    undo()
    assert not Item.objects.exists()
