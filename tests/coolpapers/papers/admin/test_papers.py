from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Category, ImportRun, Paper, PaperVersion, Venue, latest_revision
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_paper_changelist")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("administrator"))
    return client


def add_papers(number: int) -> None:
    upsert_records(
        record(
            key=f"arxiv:2401.{n:05d}",
            title=f"Title {n} of <x>papers</x>",
            authors=["Jörg Müller", "B C", "D E", "F G"],
            venue="ICLR 2024",
            categories=["cs.CL", "cs.AI"],
        )
        for n in range(1, number + 1)
    )


def titles(response: Any) -> list[str]:
    return [paper.title for paper in response.context["cl"].result_list]


def test_the_list_shows_papers_escaped(administrator: Client) -> None:
    add_papers(1)
    text = administrator.get(LIST).content.decode()
    assert "Title 1 of &lt;x&gt;papers&lt;/x&gt;" in text
    assert "Jörg Müller, B C, D E …" in text
    assert "cs.CL cs.AI" in text


def test_the_number_of_queries_does_not_grow_with_the_papers(
    administrator: Client, django_assert_max_num_queries: Any
) -> None:
    add_papers(2)
    administrator.get(LIST)
    add_papers(40)
    with django_assert_max_num_queries(12):
        assert len(titles(administrator.get(LIST))) == 40


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Title 2", ["Title 2 of <x>papers</x>"]),
        ("müller 3", ["Title 3 of <x>papers</x>"]),
        ("2401.00001", ["Title 1 of <x>papers</x>"]),
        ("https://arxiv.org/abs/2401.00002v3", ["Title 2 of <x>papers</x>"]),
        ("10.1000/nothing", []),
        ("nothing at all", []),
    ],
)
def test_words_and_identifiers_find_papers(administrator: Client, query: str, found: list[str]) -> None:
    add_papers(3)
    assert titles(administrator.get(LIST, {"q": query})) == found


def test_filters_by_venue_year_category_and_source(administrator: Client) -> None:
    add_papers(2)
    upsert_records([record(key="mine", title="My own paper of tests", year=2020, categories=["own"])])
    venue = Venue.objects.get()
    for parameters in ({"venue": venue.slug}, {"year": 2024}, {"category": "cs.AI"}, {"source": "arxiv"}):
        assert len(titles(administrator.get(LIST, parameters))) == 2
    for parameters in ({"year": 2020}, {"category": "own"}, {"source": "file"}):
        assert titles(administrator.get(LIST, parameters)) == ["My own paper of tests"]
    text = administrator.get(LIST).content.decode()
    assert "cs.AI Artificial Intelligence" in text
    assert ">arXiv<" in text


def act(client: Client, action: str) -> str:
    selected = list(Paper.objects.values_list("pk", flat=True))
    response = client.post(LIST, {"action": action, "_selected_action": selected}, follow=True)
    return response.content.decode()


def test_the_reindex_action_draws_new_revisions(administrator: Client) -> None:
    add_papers(2)
    before = latest_revision()
    assert "2 papers will be indexed again by the next update_index." in act(administrator, "reindex")
    assert sorted(Paper.objects.values_list("revision", flat=True)) == [before + 1, before + 2]


def test_papers_are_withdrawn_and_restored(administrator: Client) -> None:
    add_papers(1)
    assert "1 paper is now withdrawn." in act(administrator, "withdraw")
    assert Paper.objects.get().withdrawn
    assert "1 paper is no longer withdrawn." in act(administrator, "restore")
    assert not Paper.objects.get().withdrawn


def change_form(client: Client, paper: Paper) -> tuple[str, dict[str, Any]]:
    """The address of a paper's form and the values it was filled with."""
    address = reverse("admin:papers_paper_change", args=[paper.pk])
    response = client.get(address)
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()}
    values["authors"], values["categories"] = "\n".join(paper.authors), "\n".join(paper.categories)
    values["keywords"] = "\n".join(paper.keywords)
    for formset in response.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        rows = formset.formset.initial_forms
        values |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for row in rows:
            values |= {f"{row.prefix}-{name}": row[name].value() or "" for name in row.fields}
    return address, {name: value for name, value in values.items() if value is not False}


def test_a_corrected_field_is_remembered_as_edited(administrator: Client) -> None:
    add_papers(1)
    paper = Paper.objects.get()
    address, values = change_form(administrator, paper)
    values |= {"title": "A corrected title", "authors": "Ada Example\n\n Bo Walker \n", "categories": "cs.LG\ncs.NA"}
    response = administrator.post(address, values)
    assert response.status_code == 302
    paper.refresh_from_db()
    assert (paper.title, paper.authors) == ("A corrected title", ["Ada Example", "Bo Walker"])
    assert paper.edited == ["title", "authors", "categories"]
    assert list(paper.category_rows.order_by("position").values_list("category__code", flat=True)) == [
        "cs.LG",
        "math.NA",
    ]


def test_revision_and_sources_cannot_be_changed(administrator: Client) -> None:
    add_papers(1)
    address, values = change_form(administrator, Paper.objects.get())
    values |= {"title": "A corrected title", "revision": 99, "sources-0-key": "changed", "sources-0-source": "acl"}
    assert administrator.post(address, values).status_code == 302
    paper = Paper.objects.get()
    assert (paper.title, paper.revision) == ("A corrected title", latest_revision())
    assert [(source.source, source.key) for source in paper.sources.all()] == [("arxiv", "arxiv:2401.00001")]


def test_a_version_can_be_added(administrator: Client) -> None:
    add_papers(1)
    paper = Paper.objects.get()
    address, values = change_form(administrator, paper)
    values |= {
        "versions-TOTAL_FORMS": 1,
        "versions-0-number": 2,
        "versions-0-date": "2024-02-01",
        "versions-0-paper": paper.pk,
    }
    administrator.post(address, values)
    assert PaperVersion.objects.get().number == 2


def test_papers_are_not_added_by_hand(administrator: Client) -> None:
    assert administrator.get(reverse("admin:papers_paper_add")).status_code == 403


def test_deleting_papers_leaves_tombstones(administrator: Client) -> None:
    add_papers(2)
    selected = list(Paper.objects.values_list("pk", flat=True))
    administrator.post(LIST, {"action": "delete_selected", "_selected_action": selected, "post": "yes"})
    assert not Paper.objects.exists()
    assert latest_revision() > 2


def test_a_renamed_venue_has_its_papers_indexed_again(administrator: Client) -> None:
    add_papers(2)
    venue = Venue.objects.get()
    before = latest_revision()
    address = reverse("admin:papers_venue_change", args=[venue.pk])
    administrator.post(address, {"slug": venue.slug, "name": "Renamed"})
    assert Venue.objects.get().name == "Renamed"
    assert sorted(Paper.objects.values_list("revision", flat=True)) == [before + 1, before + 2]


def test_venues_categories_and_imports_are_listed_with_counts(administrator: Client) -> None:
    add_papers(3)
    ImportRun.objects.create(source="jsonl", location="/papers.jsonl", n_added=3)
    assert Category.objects.count() == 2
    for name in ("venue", "category", "importrun"):
        text = administrator.get(reverse(f"admin:papers_{name}_changelist")).content.decode()
        assert ">3<" in text
    assert administrator.get(reverse("admin:papers_importrun_add")).status_code == 403


def test_an_import_run_shows_what_was_refused_and_dropped(administrator: Client) -> None:
    run = ImportRun.objects.create(source="jsonl", location="/papers.jsonl", n_refused=1, n_dropped=1)
    run.problems.create(refused=True, location="papers.jsonl", line=3, field="title", reason="missing or empty")
    run.problems.create(refused=False, location="papers.jsonl", line=4, field="year", reason="soon is not a number")
    text = administrator.get(reverse("admin:papers_importrun_change", args=[run.pk])).content.decode()
    assert "missing or empty" in text
    assert "soon is not a number" in text
