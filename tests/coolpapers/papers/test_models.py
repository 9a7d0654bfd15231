from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import transaction

from coolpapers.papers.models import (
    Category,
    ImportRun,
    Paper,
    PaperCategory,
    PaperSource,
    PaperVersion,
    RevisionMark,
    Sequence,
    Tombstone,
    Venue,
    bury,
    draw_revisions,
    is_own_revision,
    latest_revision,
    revision_origin,
)
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper

pytestmark = pytest.mark.django_db


def test_revisions_are_drawn_in_blocks_that_never_overlap() -> None:
    assert latest_revision() == 0
    assert [draw_revisions(3), draw_revisions(), draw_revisions(2)] == [1, 4, 5]
    assert latest_revision() == 6


def test_a_drawing_that_is_rolled_back_draws_nothing() -> None:
    with transaction.atomic():
        draw_revisions(5)
        transaction.set_rollback(True)
    assert latest_revision() == 0


def test_saving_a_paper_draws_a_revision() -> None:
    paper = make_paper()
    before = paper.revision
    paper.save()
    assert paper.revision == before + 1
    paper.title = "Changed"
    paper.save(update_fields=["title"])
    paper.refresh_from_db()
    assert (paper.title, paper.revision) == ("Changed", before + 2)


def test_category_rows_have_the_day_of_their_paper_after_updates_of_many() -> None:
    papers = [make_paper(day=day, categories=["cs.AI", "cs.LG"]) for day in (MONDAY, MONDAY, None)]
    rows = PaperCategory.objects.order_by("pk").values_list("announced", flat=True)
    Paper.objects.filter(announced=MONDAY).update(announced=TUESDAY, title="Moved")
    assert list(rows.all()) == [TUESDAY] * 4 + [None] * 2
    papers[2].announced = WEDNESDAY
    Paper.objects.bulk_update(papers[2:], ["announced"])
    assert list(rows.all()) == [TUESDAY] * 4 + [WEDNESDAY] * 2
    PaperCategory.objects.filter(paper=papers[0]).update(announced=None)
    assert {row.paper for row in PaperCategory.misdated(PaperCategory.objects.all())} == {papers[0]}


def test_a_deleted_paper_leaves_a_tombstone_that_is_newer() -> None:
    paper = make_paper()
    key, revision = paper.key, paper.revision
    paper.delete()
    stone = Tombstone.objects.get(key=key)
    assert stone.revision > revision


def test_papers_deleted_together_leave_their_tombstones_and_twice_is_once() -> None:
    keys = {make_paper().key for _ in range(3)}
    Paper.objects.all().delete()
    assert set(Tombstone.objects.values_list("key", flat=True)) == keys
    bury(sorted(keys))
    assert Tombstone.objects.count() == 3
    bury([])
    assert Tombstone.objects.count() == 3


def test_rows_name_themselves() -> None:
    paper = make_paper(arxiv_id="2603.90001", title="T")
    assert str(paper) == "arxiv:2603.90001 T"
    assert str(PaperSource.objects.get()) == "arxiv:2603.90001"
    assert str(PaperCategory.objects.get()).split()[0] == str(paper.pk)
    assert str(PaperVersion(paper=paper, number=2)) == f"{paper.pk}v2"
    assert str(Venue(slug="ICLR")) == "ICLR"
    assert str(Category(code="cs.CL")) == "cs.CL"
    assert str(Sequence(name="revision", value=3)) == "revision=3"
    assert str(Tombstone(key="k")) == "k"
    assert str(ImportRun(source="jsonl", location="f")) == "jsonl f"


def test_a_follower_knows_the_history_that_it_followed() -> None:
    first = draw_revisions(3)
    seen, origin = latest_revision(), revision_origin(latest_revision())
    assert is_own_revision(seen, origin)
    assert revision_origin(first - 1) == ""
    draw_revisions(2)
    assert is_own_revision(seen, origin)  # it is behind, in the same history
    assert not is_own_revision(latest_revision() + 1, origin)  # the library is older than the follower


def test_a_restored_backup_with_new_imports_is_another_history() -> None:
    draw_revisions(3)
    before = latest_revision()
    draw_revisions(2)
    followed, origin = latest_revision(), revision_origin(latest_revision())
    RevisionMark.objects.filter(revision__gt=before).delete()  # the backup is put back …
    Sequence.objects.filter(name="revision").update(value=before)
    draw_revisions(2)  # … and other papers come in, up to the very same number
    assert latest_revision() == followed
    assert not is_own_revision(followed, origin)


def test_a_follower_in_the_middle_of_a_drawing_knows_which_one() -> None:
    """A backup is restored, and the next drawing begins at the same revision as the one that the follower was in."""
    draw_revisions(3)
    before = latest_revision()
    draw_revisions(4)
    followed, origin = before + 2, revision_origin(before + 2)
    assert is_own_revision(followed, origin)
    RevisionMark.objects.filter(revision__gt=before).delete()
    Sequence.objects.filter(name="revision").update(value=before)
    draw_revisions(4)
    assert not is_own_revision(followed, origin)


def test_revisions_from_before_marks_were_kept_get_one() -> None:
    draw_revisions(3)
    RevisionMark.objects.all().delete()
    migration = importlib.import_module("coolpapers.papers.migrations.0008_mark_of_older_revisions")
    for _ in range(2):
        migration.mark_current_revision(apps, None)
    assert RevisionMark.objects.count() == 1
    assert is_own_revision(2, revision_origin(2))
    assert revision_origin(3)


def test_a_follower_from_before_origins_were_kept_is_believed() -> None:
    draw_revisions(3)
    assert is_own_revision(2, "")
    assert not is_own_revision(4, "")
