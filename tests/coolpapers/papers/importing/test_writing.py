"""One work from several records, through the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from coolpapers.papers.importing.writing import BatchCounts, BatchWriter
from coolpapers.papers.models import Paper, PaperCategory, PaperSource, PaperVersion, Tombstone, Venue, latest_revision
from coolpapers.papers.records.record import Deletion, Record, Version
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TITLE = "A work that is met more than once"


def write(*items: Record | Deletion, seen: set[str] | None = None) -> BatchCounts:
    with transaction.atomic():
        return BatchWriter(now=NOW).write(items, seen=seen)


def preprint(**fields: Any) -> Record:
    values = {
        "key": "arxiv:2401.00001",
        "title": TITLE,
        "authors": ["Ada Example"],
        "abstract": "$x$",
        "categories": ["cs.CL"],
        "page_url": "https://arxiv.org/abs/2401.00001",
        "submitted": "2024-01-01",
        "announced": "2024-01-02",
    }
    return record(**{**values, **fields})


def proceedings(**fields: Any) -> Record:
    values = {
        "key": "acl:2024.acl-long.1",
        "title": TITLE.upper(),
        "authors": ["A. Example"],
        "abstract": "x",
        "year": 2024,
        "venue": "Proceedings of the 62nd Annual Meeting of the Association for Computational Linguistics",
        "page_url": "https://aclanthology.org/2024.acl-long.1/",
        "pdf_url": "https://aclanthology.org/2024.acl-long.1.pdf",
    }
    return record(**{**values, **fields})


def test_a_new_paper_has_all_its_rows() -> None:
    write(preprint(versions=[Version(1, date(2024, 1, 1)), Version(2, date(2024, 2, 1), "typos")], n_citations=3))
    paper = Paper.objects.get()
    assert (paper.title, paper.authors, paper.categories) == (TITLE, ["Ada Example"], ["cs.CL"])
    assert (paper.created_at, paper.n_citations, paper.revision) == (NOW, 3, latest_revision())
    assert paper.category_rows.get().category.name == "Computation and Language"
    assert list(paper.versions.values_list("number", "note")) == [(1, ""), (2, "typos")]
    source = paper.sources.get()
    assert (source.source, source.ident, source.record) == ("arxiv", "2401.00001", None)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["preprint", "proceedings"])
def test_preprint_and_proceedings_are_one_work_in_any_order(together: bool, first: str) -> None:
    items = [preprint(), proceedings()] if first == "preprint" else [proceedings(), preprint()]
    if together:
        write(*items)
    else:
        for item in items:
            write(item)
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract) == (TITLE, "$x$")
    assert (str(paper.venue), paper.venue_year, paper.track) == ("ACL", 2024, "Long")
    assert (paper.arxiv_id, paper.announced) == ("2401.00001", date(2024, 1, 2))
    assert {source.page_url for source in paper.sources.all()} == {
        "https://arxiv.org/abs/2401.00001",
        "https://aclanthology.org/2024.acl-long.1/",
    }
    assert all(source.record for source in paper.sources.all())
    assert paper.key == ("arxiv:2401.00001" if first == "preprint" else "acl:2024.acl-long.1")


def test_a_work_of_two_records_stays_as_it_is_when_they_come_again() -> None:
    write(preprint(), proceedings())
    revision = latest_revision()
    assert (write(preprint(), proceedings()).skipped, latest_revision()) == (2, revision)


def test_linking_a_second_source_is_a_change_of_the_paper() -> None:
    write(preprint())
    counts = write(proceedings())
    assert (counts.added, counts.changed) == (0, 1)
    assert Paper.objects.get().revision == latest_revision() == 2


def test_a_change_in_one_record_comes_through_and_the_other_stays() -> None:
    write(preprint(), proceedings())
    assert write(preprint(abstract="$y$", updated="2024-03-01")).changed == 1
    paper = Paper.objects.get()
    assert (paper.abstract, str(paper.venue), paper.updated) == ("$y$", "ACL", date(2024, 3, 1))
    assert paper.announced == date(2024, 1, 2)


def test_the_same_doi_with_the_same_authors_is_one_work_though_half_of_the_title_was_changed() -> None:
    fields = {"title": "A work that is met in two places", "doi": "10.1000/1", "key": "mine"}
    write(preprint(doi="10.1000/1"), record(authors=["A. Example"], **fields))
    assert Paper.objects.count() == 1


def test_the_same_doi_alone_is_not_enough() -> None:
    write(preprint(doi="10.1000/1"), record(title="A title that was changed", doi="10.1000/1", key="mine"))
    assert Paper.objects.count() == 2


def test_chapters_with_the_doi_of_their_book_stay_apart() -> None:
    chapters = [{"title": f"Chapter about topic {n}", "key": f"bib:{n}"} for n in "abc"]
    write(*(record(authors=["A B"], doi="10.1000/book", **chapter) for chapter in chapters))
    assert Paper.objects.count() == 3


def test_different_arxiv_ids_are_never_one_work() -> None:
    write(preprint(doi="10.1000/1"), preprint(key="arxiv:2401.00002", doi="10.1000/1"))
    assert Paper.objects.count() == 2


def test_a_resubmission_to_the_next_conference_is_a_work_of_its_own() -> None:
    one = {"title": TITLE, "authors": ["Ada Example"]}
    write(
        record(key="openreview:Aa1Bb2Cc3", venue="ICLR 2024", status="Reject", **one),
        record(key="openreview:Dd4Ee5Ff6", venue="ICLR 2025", **one),
    )
    assert Paper.objects.count() == 2


def test_a_record_with_the_arxiv_id_of_a_paper_joins_it() -> None:
    write(preprint())
    write(proceedings(title="Another title at the conference", arxiv_id="2401.00001"))
    paper = Paper.objects.get()
    assert paper.title == TITLE
    assert paper.sources.count() == 2


def test_one_place_under_two_keys_is_one_work() -> None:
    write(proceedings(), proceedings(key="acl2024:1", title="Slightly other title"))
    assert Paper.objects.count() == 1


def test_three_records_of_one_batch_are_one_work() -> None:
    write(preprint(), proceedings(), record(title=TITLE, authors=["Example, Ada"], key="bib:1", keywords=["mine"]))
    paper = Paper.objects.get()
    assert (paper.sources.count(), paper.keywords) == (3, ["mine"])


def test_category_rows_follow_the_paper() -> None:
    write(preprint(categories=["cs.CL", "cs.AI"]))
    write(preprint(categories=["cs.LG", "cs.CL"], abstract="other"))
    rows = PaperCategory.objects.order_by("position").values_list("category__code", "position")
    assert list(rows) == [("cs.LG", 0), ("cs.CL", 1)]


def test_category_rows_have_the_day_of_the_paper_whoever_writes_it() -> None:
    write(preprint(categories=["cs.CL", "cs.AI"], announced="2024-05-07"))
    rows = PaperCategory.objects.values_list("announced", flat=True)
    assert set(rows.all()) == {date(2024, 5, 7)}
    write(preprint(categories=["cs.CL", "cs.AI"], announced="2024-05-03", abstract="other"))
    assert set(rows.all()) == set(Paper.objects.values_list("announced", flat=True)) - {None}
    write(proceedings(announced="2024-05-01"))  # joins the preprint
    assert set(rows.all()) == set(Paper.objects.values_list("announced", flat=True)) - {None}
    assert not PaperCategory.misdated(PaperCategory.objects.all()).exists()


def test_venues_that_differ_in_case_are_one() -> None:
    write(record(venue="TestConf 2024"), record(venue="TESTCONF 2025"))
    write(record(venue="testconf 2026"))
    assert Venue.objects.get().slug == "TestConf"


def test_an_administrator_s_edits_survive_imports() -> None:
    write(preprint())
    paper = Paper.objects.get()
    paper.title, paper.withdrawn, paper.edited = "Corrected by hand", True, ["title", "withdrawn"]
    paper.save()
    assert write(preprint(abstract="new text")).changed == 1
    write(proceedings())
    paper.refresh_from_db()
    assert (paper.title, paper.abstract, paper.withdrawn) == ("Corrected by hand", "new text", True)


def test_a_paper_that_was_deleted_comes_back_newer_and_without_tombstone() -> None:
    write(preprint())
    Paper.objects.all().delete()
    deleted_at = Tombstone.objects.get().revision
    assert write(preprint()).added == 1
    assert Paper.objects.get().revision > deleted_at
    assert not Tombstone.objects.exists()


def test_a_deleted_record_marks_its_paper_withdrawn_until_it_comes_back() -> None:
    write(preprint())
    assert write(Deletion("arxiv:2401.00001")).changed == 1
    assert Paper.objects.get().withdrawn
    assert write(Deletion("arxiv:2401.00001")).skipped == 1
    assert write(preprint()).changed == 1
    assert not Paper.objects.get().withdrawn
    assert write(Deletion("arxiv:9999")).skipped == 1


def test_a_work_with_another_source_outlives_a_deletion() -> None:
    write(preprint(), proceedings())
    write(Deletion("arxiv:2401.00001"))
    paper = Paper.objects.get()
    assert (paper.withdrawn, paper.sources.count()) == (False, 2)


def test_the_last_state_of_a_record_counts_in_a_harvest() -> None:
    counts = write(preprint(abstract="one"), preprint(abstract="two"), Deletion("acl:x"))
    assert (counts.added, counts.skipped) == (1, 2)
    assert Paper.objects.get().abstract == "two"


def test_a_deletion_in_the_same_batch_takes_back_what_came_before() -> None:
    write(preprint())
    write(preprint(abstract="two"), Deletion("arxiv:2401.00001"))
    assert Paper.objects.get().withdrawn
    write(Deletion("arxiv:2401.00001"), preprint(abstract="three"))
    assert not Paper.objects.get().withdrawn


def test_a_repeated_key_is_reported_where_it_is_a_mistake() -> None:
    counts = write(preprint(abstract="one"), preprint(abstract="two"), seen=set())
    assert [item.abstract for item in counts.repeated] == ["two"]
    counts = write(preprint(abstract="three"), seen={"arxiv:2401.00001"})
    assert (len(counts.repeated), Paper.objects.get().abstract) == (1, "one")


def test_versions_are_added_and_never_doubled() -> None:
    write(preprint(versions=[Version(1, date(2024, 1, 1))]))
    write(preprint(versions=[Version(1, date(2024, 1, 1)), Version(2, date(2024, 2, 1))]))
    assert list(PaperVersion.objects.values_list("number", flat=True)) == [1, 2]


def test_the_number_of_queries_does_not_grow_with_the_batch(django_assert_max_num_queries: Any) -> None:
    write(*(record(categories=["cs.CL"]) for _ in range(3)))
    with django_assert_max_num_queries(17):
        write(*(record(categories=["cs.CL"], authors=["A B"], doi=f"10.1000/{n}") for n in range(300)))
    assert PaperSource.objects.count() == 303
