"""Items follow papers that are known by another key than before."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from coolpapers.papers.models import Paper, PaperSource
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.renamed_keys import join_values, paper_of, rename_items, rename_writes
from coolpapers.people.state.writes import Write
from coolpapers.people.tasks import follow_papers
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db

OLD = "acl:2020.acl-main.1"


@pytest.fixture
def paper() -> Paper:
    made = make_paper(arxiv_id="2603.00001")
    PaperSource.objects.create(paper=made, source="acl", ident="2020.acl-main.1", key=OLD)
    return made


def kept(user: Any) -> dict[tuple[str, str], Any]:
    rows = Item.objects.filter(user=user, deleted=False).values_list("kind", "key", "value")
    return {(kind, key): value for kind, key, value in rows}


def test_paper_of_an_item() -> None:
    assert paper_of("star", "acl:a/b") == "acl:a/b"
    assert paper_of("member", "c1/hep-th/9901001") == "hep-th/9901001"
    assert paper_of("search", "s1") == paper_of("setting", "visit") == ""


def test_writes_are_renamed_to_the_present_key(paper: Paper) -> None:
    star = Write("star", OLD, 5, {})
    other = Write("keyword", OLD, 5, {"weight": 1})
    unstar = Write("star", OLD, 9, deleted=True)
    assert rename_writes([star, other]) == [
        Write("star", paper.key, 5, {}),
        Write("star", OLD, 6, deleted=True),
        other,
    ]
    assert rename_writes([unstar])[0] == Write("star", paper.key, 9, deleted=True)
    member = rename_writes([Write("member", f"c1/{OLD}", 5, {"position": 2})])[0]
    assert member == Write("member", f"c1/{paper.key}", 5, {"position": 2})


def test_a_device_with_the_former_key_receives_the_new_one(client: Client, paper: Paper) -> None:
    ada = make_user()
    client.force_login(ada)
    now = int(time.time() * 1000)
    items = [{"kind": "star", "key": OLD, "value": {}, "changed": now, "deleted": False}]
    answer = client.post("/me/sync", json.dumps({"cursor": 0, "items": items}), content_type="application/json").json()
    assert {(item["key"], item["deleted"]) for item in answer["items"]} == {(OLD, True), (paper.key, False)}
    assert not answer["refused"]
    assert kept(ada) == {("star", paper.key): {}}


def test_stored_items_are_renamed_once(paper: Paper) -> None:
    ada, alan = make_user(), make_user()
    keep(ada, Kind.STAR, OLD)
    keep(ada, Kind.MEMBER, f"c1/{OLD}", value={"position": 3, "note": "good"})
    keep(ada, Kind.STAR, "acl:unknown")
    keep(ada, Kind.KEYWORD, OLD, value={"weight": 1})
    keep(alan, Kind.HIDE, OLD)
    keep(alan, Kind.READ, OLD, deleted=True)
    assert follow_papers() == 3
    assert kept(ada) == {
        ("star", paper.key): {},
        ("member", f"c1/{paper.key}"): {"position": 3, "note": "good"},
        ("star", "acl:unknown"): {},
        ("keyword", OLD): {"weight": 1},
    }
    assert kept(alan) == {("hide", paper.key): {}}
    assert rename_items() == 0


def test_two_notes_are_joined(paper: Paper) -> None:
    ada = make_user()
    keep(ada, Kind.NOTE, OLD, value={"text": "from the Anthology"})
    keep(ada, Kind.NOTE, paper.key, value={"text": "from arXiv"})
    keep(ada, Kind.STAR, OLD)
    keep(ada, Kind.STAR, paper.key)
    rename_items()
    text = "from arXiv\n\nfrom the Anthology"
    assert kept(ada) == {("note", paper.key): {"text": text}, ("star", paper.key): {}}


@pytest.mark.parametrize(("starred", "unstarred", "n_stars"), [(5, 9, 0), (9, 5, 1)])
def test_the_later_of_a_star_and_its_removal_wins(paper: Paper, starred: int, unstarred: int, n_stars: int) -> None:
    ada = make_user()
    keep(ada, Kind.STAR, OLD, changed=starred)
    keep(ada, Kind.STAR, paper.key, changed=unstarred, deleted=True)
    rename_items()
    assert len(kept(ada)) == n_stars
    assert rename_items() == 0


def test_a_text_is_not_joined_twice() -> None:
    assert join_values({"text": "a b"}, {"text": "b"}) == {"text": "a b"}
    assert join_values({}, {"text": "b"}) == {"text": "b"}
    assert join_values({"position": 1, "note": ""}, {"position": 2, "note": "x"}) == {"position": 1, "note": "x"}


def test_a_browser_receives_renamed_keys(client: Client, paper: Paper) -> None:
    html = client.post("/me/cards", {"keys": f"{OLD}\nacl:unknown"}).content.decode()
    assert html.count(f'id="paper-{paper.pk}"') == 1
    assert f'data-was="{OLD}" data-key="{paper.key}"' in html
    assert "Not in this library: acl:unknown" in " ".join(html.split())
    both = client.post("/me/cards", {"keys": f"{OLD}\n{paper.key}"}).content.decode()
    assert both.count(f'id="paper-{paper.pk}"') == 1
