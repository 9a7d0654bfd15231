"""Possible duplicates in the admin, through its real pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper, PaperPair
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.make import record
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_paperpair_changelist")
TITLE = "Parsing <with> very few trees"
PEOPLE = ["Ada Example", "Bo Müller"]
PREPRINT = {"key": "arxiv:2005.00001", "title": TITLE, "authors": PEOPLE, "submitted": "2020-05-01"}
ARTICLE = {"key": "x:article", "title": TITLE, "authors": PEOPLE, "year": 2024, "venue": "Journal of Baz"}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def add_doubtful_pair() -> PaperPair:
    upsert_records([record(**PREPRINT), record(**ARTICLE)])
    return PaperPair.objects.get()


def press(client: Client, action: str, *pairs: PaperPair) -> str:
    response = client.post(
        f"{LIST}?state=all", {"action": action, "_selected_action": [pair.pk for pair in pairs]}, follow=True
    )
    return response.content.decode()


def held() -> dict[str, Any]:
    return {
        "papers": list(Paper.objects.order_by("key").values_list("key", "title", "year", "venue__name")),
        "summaries": list(Summary.objects.order_by("pk").values_list("paper__key", "language", "markdown")),
        "items": list(Item.objects.filter(deleted=False).order_by("kind", "key").values_list("kind", "key", "value")),
    }


def test_the_list_shows_both_papers_and_the_evidence_escaped(administrator: Client) -> None:
    add_doubtful_pair()
    text = administrator.get(LIST).content.decode()
    assert "Parsing &lt;with&gt; very few trees · Ada Example, Bo Müller · 2020 · arxiv:2005.00001" in text
    assert "Parsing &lt;with&gt; very few trees · Ada Example, Bo Müller · 2024 · Journal of Baz · x:article" in text
    assert "title, authors" in text
    assert ">year<" in text


def test_the_number_of_queries_does_not_grow_with_the_pairs(
    administrator: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        title = f"Parsing number {number} with very few trees"
        upsert_records(
            [
                record(**{**PREPRINT, "key": f"arxiv:2005.{number:05d}", "title": title}),
                record(**{**ARTICLE, "key": f"x:{number}", "title": title}),
            ]
        )
    with django_assert_max_num_queries(16):
        assert len(administrator.get(LIST).context["cl"].result_list) == 20


def test_merging_and_undoing_restores_papers_summaries_and_items(administrator: Client) -> None:
    pair = add_doubtful_pair()
    reader = make_user()
    article = Paper.objects.get(key="x:article")
    Summary.objects.create(paper=article, language="en", markdown="A digest.", requested_at=timezone.now())
    keep(reader, Kind.STAR, "x:article")
    keep(reader, Kind.MEMBER, "c1/x:article", value={"note": "read this"})
    before = held()
    assert "1 decision was saved." in press(administrator, "merge", pair)
    paper = Paper.objects.get()
    assert held()["summaries"] == [(paper.key, "en", "A digest.")]
    assert [key for _, key, _ in held()["items"]] == [f"c1/{paper.key}", paper.key]
    former = administrator.get(article.get_absolute_url())
    assert former.status_code == 200 or former["Location"] == paper.get_absolute_url()
    upsert_records([record(**ARTICLE, pages="1-9")])
    assert Paper.objects.count() == 1
    upsert_records([record(**ARTICLE)])
    assert "1 decision was saved." in press(administrator, "undo", PaperPair.objects.get())
    assert held() == before
    assert PaperPair.objects.get().state == "open"


def test_a_pair_kept_apart_leaves_the_list_and_can_be_found_again(administrator: Client) -> None:
    pair = add_doubtful_pair()
    press(administrator, "keep_apart", pair)
    assert list(administrator.get(LIST).context["cl"].result_list) == []
    (row,) = administrator.get(LIST, {"state": "apart", "q": "few trees"}).context["cl"].result_list
    assert (row.state, row.decided_by) == ("apart", "ada")
    assert list(administrator.get(LIST, {"state": "all", "q": "other words"}).context["cl"].result_list) == []
    upsert_records([record(**{**ARTICLE, "year": 2020})])
    assert Paper.objects.count() == 2


@pytest.mark.parametrize(("button", "state", "n_papers"), [("_merge", "same", 1), ("_keep_apart", "apart", 2)])
def test_the_page_of_a_pair_compares_and_decides(administrator: Client, button: str, state: str, n_papers: int) -> None:
    pair = add_doubtful_pair()
    page = reverse("admin:papers_paperpair_change", args=[pair.pk])
    text = administrator.get(page).content.decode()
    assert "Journal of Baz" in text
    assert "for two works" in text
    assert 'name="_undo"' not in text
    assert administrator.post(page, {button: "1"}).status_code == 302
    pair.refresh_from_db()
    assert (pair.state, Paper.objects.count()) == (state, n_papers)
    assert LogEntry.objects.get().object_id == str(pair.pk)
    assert 'name="_undo"' in administrator.get(page).content.decode()
    administrator.post(page, {"_undo": "1"})
    pair.refresh_from_db()
    assert (pair.state, Paper.objects.count()) == ("open", 2)


def test_what_cannot_be_undone_is_said_and_does_not_stop_others(administrator: Client) -> None:
    pair = add_doubtful_pair()
    assert "there is no decision to undo" in press(administrator, "undo", pair)


def test_a_record_that_is_gone_is_named(administrator: Client) -> None:
    pair = add_doubtful_pair()
    press(administrator, "keep_apart", pair)
    Paper.objects.get(key="x:article").delete()
    text = administrator.get(LIST, {"state": "apart"}).content.decode()
    assert "x:article (not in the library)" in text
    page = reverse("admin:papers_paperpair_change", args=[pair.pk])
    assert "not in the library" in administrator.get(page).content.decode()
    assert "no such paper" in press(administrator, "merge", pair)


def test_any_papers_are_merged_and_kept_apart_in_the_list_of_papers(administrator: Client) -> None:
    upsert_records([record(key="x:a", title="One title of many"), record(key="x:b", title="Words of another kind")])
    papers = reverse("admin:papers_paper_changelist")

    def act(action: str, selected: list[int]) -> str:
        return administrator.post(
            papers, {"action": action, "_selected_action": selected}, follow=True
        ).content.decode()

    both = list(Paper.objects.values_list("pk", flat=True))
    assert "Choose two or more papers" in act("merge", both[:1])
    assert "1 decision was saved." in act("keep_apart", both)
    assert "1 decision was saved." in act("merge", both)
    assert Paper.objects.get().key == "x:a"


def test_an_administrator_without_the_right_to_change_can_only_look(client: Client) -> None:
    pair = add_doubtful_pair()
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_paperpair"))
    client.force_login(viewer)
    page = reverse("admin:papers_paperpair_change", args=[pair.pk])
    assert 'name="_merge"' not in client.get(page).content.decode()
    assert client.post(page, {"_merge": "1"}).status_code == 403
    press(client, "merge", pair)
    assert Paper.objects.count() == 2
