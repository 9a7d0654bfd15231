from __future__ import annotations

import pytest

from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.importing.curation import reindex_papers, save_corrections, set_withdrawn
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, Venue, latest_revision
from tests.coolpapers.papers.library import WEDNESDAY, make_paper
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db


def test_papers_indexed_again_get_the_newest_revisions() -> None:
    papers = [make_paper() for _ in range(3)]
    before = latest_revision()
    assert reindex_papers(Paper.objects.exclude(pk=papers[1].pk)) == 2
    revisions = dict(Paper.objects.values_list("pk", "revision"))
    assert revisions[papers[1].pk] <= before
    assert sorted(revisions[paper.pk] for paper in (papers[0], papers[2])) == [before + 1, before + 2]


def test_withdrawing_changes_only_papers_that_are_not_withdrawn_yet() -> None:
    gone, here = make_paper(withdrawn=True), make_paper()
    revision = gone.revision
    assert set_withdrawn(Paper.objects.all(), withdrawn=True) == 1
    gone.refresh_from_db()
    here.refresh_from_db()
    assert (gone.revision, gone.edited) == (revision, [])
    assert (here.withdrawn, here.edited, here.revision) == (True, ["withdrawn"], latest_revision())


def test_a_withdrawal_by_hand_survives_the_next_import() -> None:
    upsert_records([record(key="arxiv:2401.00001", abstract="one")])
    set_withdrawn(Paper.objects.all(), withdrawn=True)
    upsert_records([record(key="arxiv:2401.00001", abstract="two", title="Another title now")])
    paper = Paper.objects.get()
    assert (paper.withdrawn, paper.abstract) == (True, "two")
    assert set_withdrawn(Paper.objects.all(), withdrawn=False) == 1
    paper.refresh_from_db()
    assert (paper.withdrawn, paper.edited) == (False, ["withdrawn"])


def test_corrections_are_remembered_and_category_rows_follow() -> None:
    paper = make_paper(categories=("cs.CL",))
    paper.title, paper.categories = "A corrected title", ["cs.NA", "cs.LG"]
    save_corrections(paper, ["title", "categories", "comment"])
    paper.refresh_from_db()
    assert paper.edited == ["title", "categories", "comment"]
    assert paper.categories == ["math.NA", "cs.LG"]
    rows = paper.category_rows.order_by("position").values_list("category__code", flat=True)
    assert list(rows) == ["math.NA", "cs.LG"]
    assert paper.match_key == keys_of("A corrected title", paper.authors).match
    assert paper.revision == latest_revision()


def test_a_corrected_day_moves_the_paper_in_the_lists_of_its_categories() -> None:
    paper = make_paper(categories=("cs.CL", "cs.LG"))
    paper.announced = WEDNESDAY
    save_corrections(paper, ["announced"])
    assert set(paper.category_rows.values_list("announced", flat=True)) == {WEDNESDAY}
    paper.categories = ["cs.AI"]
    save_corrections(paper, ["categories"])
    assert list(paper.category_rows.values_list("category__code", "announced")) == [("cs.AI", WEDNESDAY)]
    paper.announced = None
    paper.save(update_fields=["announced"])
    assert list(paper.category_rows.values_list("announced", flat=True)) == [None]


def test_a_venue_chosen_by_hand_survives_the_next_import() -> None:
    upsert_records([record(key="arxiv:2401.00001", venue="ICLR 2024")])
    paper = Paper.objects.get()
    paper.venue = Venue.objects.create(slug="ICML", name="ICML")
    save_corrections(paper, ["venue"])
    upsert_records([record(key="arxiv:2401.00001", venue="ICLR 2024", abstract="new")])
    paper.refresh_from_db()
    assert (str(paper.venue), paper.abstract, paper.venue_year) == ("ICML", "new", 2024)
