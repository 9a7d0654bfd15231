"""Collections in an account and in a browser: the same pages, the same changes."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.papers.models import PaperSource
from coolpapers.people.models import Item, SharedCollection
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.writes import Write
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import HTMX, Reader

pytestmark = pytest.mark.django_db


def order_of(text: str) -> list[str]:
    return re.findall(r'<li class="card [^>]*data-key="([^"]*)"', text)


def collect(reader: Reader, *papers: Any, name: str = "To read") -> str:
    reader.press("/me/collections", do="new", name=name)
    ident = next(key for key, value in reader.kept(Kind.COLLECTION).items() if value["name"] == name)
    for paper in papers:
        reader.press(f"/me/collect/{paper.arxiv_id}", ident=ident)
    return f"/me/collections/{ident}"


# ---- both ways -------------------------------------------------------------------------------------------


def test_a_collection_is_made_and_listed(reader: Reader) -> None:
    assert "No collections yet" in reader.see("/me/collections")
    text = reader.press("/me/collections", do="new", name="  <b>To</b> read ")
    assert "&lt;b&gt;To&lt;/b&gt; read" in text
    assert "0 papers" in reader.see("/me/collections")
    reader.press("/me/collections", do="new", name="  ")
    assert len(reader.kept(Kind.COLLECTION)) == 1


def test_one_button_adds_and_removes_a_paper(reader: Reader) -> None:
    paper = make_paper()
    reader.press("/me/collections", do="new", name="To read")
    (ident,) = reader.kept(Kind.COLLECTION)
    address = f"/me/collect/{paper.arxiv_id}"
    assert 'aria-pressed="false"' in reader.see(address)
    text = reader.press(address, ident=ident)
    assert 'aria-pressed="true"' in text
    assert "Added to “To read”." in text
    assert set(reader.kept(Kind.MEMBER)) == {f"{ident}/{paper.key}"}
    assert 'aria-pressed="false"' in reader.press(address, ident=ident)
    assert reader.kept(Kind.MEMBER) == {}


def test_a_new_collection_can_be_created_for_a_paper(reader: Reader) -> None:
    paper = make_paper()
    text = reader.press(f"/me/collect/{paper.arxiv_id}", name="Fresh")
    assert 'aria-pressed="true"' in text
    assert order_of(reader.see(reader.only_collection())) == [paper.key]


def test_papers_are_ordered_by_buttons(reader: Reader) -> None:
    a, b, c = papers = [make_paper() for _ in range(3)]
    address = collect(reader, *papers)
    assert order_of(reader.see(address)) == [a.key, b.key, c.key]
    assert order_of(reader.press(address, do="up", key=c.key)) == [a.key, c.key, b.key]
    assert order_of(reader.press(address, do="down", key=a.key)) == [c.key, a.key, b.key]
    assert order_of(reader.press(address, do="top", key=b.key)) == [b.key, c.key, a.key]
    assert "Already in that position." in reader.press(address, do="up", key=b.key)


def test_removing_a_paper_can_be_undone(reader: Reader) -> None:
    a, b = make_paper(), make_paper()
    address = collect(reader, a, b)
    reader.press(address, do="note", key=a.key, note="read §3")
    text = reader.press(address, do="remove", key=a.key)
    assert order_of(text) == [b.key]
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    text = reader.press(address, do="restore", removed=removed)
    assert order_of(text) == [a.key, b.key]
    assert "read §3" in text


def test_deleting_a_collection_can_be_undone(reader: Reader) -> None:
    paper = make_paper()
    address = collect(reader, paper)
    text = reader.press(address, do="delete")
    assert "Deleted “To read”." in text
    assert reader.kept(Kind.COLLECTION) == reader.kept(Kind.MEMBER) == {}
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    reader.press("/me/collections", do="restore", removed=removed)
    assert order_of(reader.see(address)) == [paper.key]


def test_a_collection_is_renamed_and_noted(reader: Reader) -> None:
    address = collect(reader, make_paper())
    text = reader.press(address, do="edit", name="Group meeting", note="for\n<i>Monday</i>")
    assert "<h1>Group meeting</h1>" in text
    assert "for<br>&lt;i&gt;Monday&lt;/i&gt;" in text


def test_a_member_missing_from_the_library_is_listed_and_can_be_removed(reader: Reader) -> None:
    paper = make_paper()
    address = collect(reader, paper)
    paper.delete()
    text = reader.see(address)
    assert "Not in this library" in text
    assert paper.key in text
    reader.press(address, do="remove", key=paper.key)
    assert reader.kept(Kind.MEMBER) == {}


def test_long_collections_are_paged(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.people.collections.cards.PAGE", 2)
    papers = [make_paper() for _ in range(5)]
    address = collect(reader, *papers)
    assert order_of(reader.see(address)) == [paper.key for paper in papers[:2]]
    text = reader.press(f"{address}?skip=4")
    assert order_of(text) == [papers[4].key]
    assert "#5" in text
    assert order_of(reader.press(address, do="up", key=papers[4].key, skip=4)) == [papers[3].key]


def test_unknown_actions_change_nothing(reader: Reader) -> None:
    address = collect(reader, make_paper())
    before = reader.kept(Kind.MEMBER) | reader.kept(Kind.COLLECTION)
    for form in ({"do": "explode"}, {"do": "up", "key": "none"}, {"do": "restore", "removed": "{"}, {"do": "delete"}):
        if form["do"] != "delete":
            reader.press(address, **form)
        reader.press("/me/collections", **{**form, "ident": "none"})
    assert reader.kept(Kind.MEMBER) | reader.kept(Kind.COLLECTION) == before


# ---- accounts --------------------------------------------------------------------------------------------


@pytest.fixture
def user(client: Client) -> User:
    made = make_user()
    client.force_login(made)
    return made


def test_pages_work_without_scripts(client: Client, user: User) -> None:
    paper = make_paper()
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine", "note": ""})
    keep(user, Kind.MEMBER, f"c1/{paper.key}", value={"position": 1, "note": "n"})
    for address in ("/me/collections", "/me/collections/c1", f"/me/collect/{paper.arxiv_id}"):
        text = client.get(address).content.decode()
        assert text.startswith("<!doctype html>")
        assert "Mine" in text
        assert "csrfmiddlewaretoken" in text
    assert client.post("/me/collections/c1", {"do": "delete"}).content.decode().startswith("<!doctype html>")


def test_the_title_comes_before_the_navigation(client: Client, user: User) -> None:
    keep(user, Kind.COLLECTION, "c1", value={"name": "To read", "note": ""})
    for address in ("/me/collections", "/me/collections/c1"):
        text = client.get(address).content.decode()
        assert 0 < text.index("<h1") < text.index('class="side"')


def test_an_account_is_changed_only_by_its_own_pages(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/me/collections", {"do": "new", "name": "x"}).status_code == 403
    assert not Item.objects.exists()
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.post("/me/collections", {"do": "new", "name": "x"}).status_code == 200
    assert not Item.objects.exists()


def test_visitors_get_no_cookie(client: Client) -> None:
    paper = make_paper()
    for address in ("/me/collections", "/me/collections/c1", f"/me/collect/{paper.arxiv_id}", "/shared/"):
        response = client.get(address)
        assert response.status_code == 200
        assert not response.cookies


def test_one_reader_does_not_see_anothers(client: Client, user: User) -> None:
    other = make_user()
    keep(other, Kind.COLLECTION, "c1", value={"name": "Secret", "note": ""})
    assert client.get("/me/collections/c1").status_code == 404
    assert client.get("/me/collections/c1/export").status_code == 404
    client.post("/me/collections/c1", {"do": "delete"})
    assert Item.objects.active(Kind.COLLECTION).filter(user=other).exists()


def test_changes_reach_devices(client: Client, user: User) -> None:
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine", "note": ""}, revision=1)
    client.post("/me/collections/c1", {"do": "edit", "name": "Ours", "note": ""})
    item = Item.objects.get(kind=Kind.COLLECTION)
    assert item.value["name"] == "Ours"
    assert item.revision == user.sync_counter.revision


@pytest.mark.parametrize("format_", ["bibtex", "ris", "csl-json", "markdown", "digest"])
def test_a_collection_is_exported(client: Client, user: User, format_: str) -> None:
    paper = make_paper(title="Graphs of old")
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine", "note": "For all"})
    keep(user, Kind.MEMBER, f"c1/{paper.key}", value={"position": 1, "note": "see §2"})
    response: Any = client.get(f"/me/collections/c1/export?format={format_}")
    text = b"".join(response.streaming_content).decode()
    assert "Graphs" in text
    assert ("see §2" in text) == (format_ in ("markdown", "digest"))
    assert "Mine." in response.headers["Content-Disposition"]


def test_a_collection_is_shared_and_the_link_revoked(client: Client, user: User) -> None:
    paper = make_paper()
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine", "note": ""})
    keep(user, Kind.MEMBER, f"c1/{paper.key}", value={"position": 1, "note": "private"})
    text = client.post("/me/collections/c1", {"do": "share"}, headers=HTMX).content.decode()
    token = SharedCollection.objects.get().token
    assert f"http://testserver/shared/{token}" in text
    client.post("/me/collections/c1", {"do": "share", "with_notes": "1"})
    assert SharedCollection.objects.get().token == token
    assert SharedCollection.objects.get().with_notes
    client.post("/me/collections/c1", {"do": "unshare"})
    assert client.get(f"/shared/{token}").status_code == 404
    client.post("/me/collections/c1", {"do": "share"})
    assert SharedCollection.objects.get().token != token


def test_a_large_collection_takes_few_queries(client: Client, user: User, django_assert_max_num_queries: Any) -> None:
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine", "note": ""})
    for number in range(40):
        keep(user, Kind.MEMBER, f"c1/{make_paper().key}", value={"position": number, "note": ""})
    with django_assert_max_num_queries(20):
        assert len(order_of(client.get("/me/collections/c1").content.decode())) == 40


# ---- browsers --------------------------------------------------------------------------------------------


def test_without_an_account_the_link_lists_the_papers(client: Client) -> None:
    reader = Reader(client, None)
    papers = [make_paper() for _ in range(2)]
    text = reader.see(collect(reader, *papers))
    assert f"http://testserver/arxiv/{papers[0].arxiv_id},{papers[1].arxiv_id}" in text
    assert not SharedCollection.objects.exists()
    reader.press(reader.only_collection(), do="share")
    assert not SharedCollection.objects.exists()


def test_invalid_items_of_a_browser_are_ignored(client: Client) -> None:
    odd = [
        "",
        "[",
        "{}",
        "[1, null]",
        json.dumps([{"kind": "member", "key": "x", "changed": 1}, {"kind": "collection", "key": "c1", "changed": -1}]),
        json.dumps([Write(Kind.STAR, "k", 1).as_json()]),
    ]
    for items in odd:
        assert client.post("/me/collections", {"items": items}, headers=HTMX).status_code == 200


def test_a_missing_collection_is_reported(client: Client) -> None:
    response = client.post("/me/collections/gone", {"items": "[]"}, headers=HTMX)
    assert "Collection not found" in response.content.decode()
    client.force_login(make_user())
    assert client.get("/me/collections/gone").status_code == 404


def test_an_unknown_paper_cannot_be_collected(client: Client) -> None:
    assert client.get("/me/collect/2603.99999").status_code == 404


def test_a_member_under_a_former_key_shows_its_paper_and_can_be_removed(reader: Reader) -> None:
    paper = make_paper(title="Moved")
    address = collect(reader, paper)
    ident = address.rpartition("/")[2]
    PaperSource.objects.create(paper=paper, source="acl", ident="a", key="acl:a")
    old_key = f"{ident}/acl:a"
    old = {"kind": "member", "key": old_key, "value": {"position": 1}, "changed": 1, "deleted": False}
    if reader.user is None:
        reader.browser["member", old_key] = old
        del reader.browser["member", f"{ident}/{paper.key}"]
    else:
        Item.objects.filter(kind=Kind.MEMBER).update(key=old_key)
    text = reader.see(address)
    assert order_of(text) == [paper.key]
    assert "Not in this library" not in text
    reader.press(address, do="remove", key="acl:a")
    assert reader.kept(Kind.MEMBER) == {}
