from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.transfer import FORMAT, MAX_FILE_BYTES, read_file
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import Reader

pytestmark = pytest.mark.django_db


def cards_of(response: Any) -> list[str]:
    assert response.status_code == 200
    return [card.paper.key for card in response.context["cards"]]


def send_file(client: Client, data: bytes) -> Any:
    return client.post("/me/import", {"file": SimpleUploadedFile("stars.json", data)})


@pytest.mark.parametrize("shelf", ["starred", "unread", "notes", "hidden"])
def test_the_personal_page_is_the_same_for_everyone_without_an_account(client: Client, shelf: str) -> None:
    response = client.get(f"/me/?shelf={shelf}")
    assert response.status_code == 200
    assert "the site stores nothing about you" in response.content.decode()
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("shelf", "numbers"), [("starred", [2, 0, 1]), ("unread", [2, 1]), ("notes", [0]), ("hidden", [1])]
)
def test_the_page_of_an_account_is_complete_without_scripts(client: Client, shelf: str, numbers: list[int]) -> None:
    ada = make_user()
    client.force_login(ada)
    papers = [make_paper() for _ in range(3)]
    for number in (1, 0, 2):
        keep(ada, Kind.STAR, papers[number].key)
    keep(ada, Kind.READ, papers[0].key)
    keep(ada, Kind.NOTE, papers[0].key, value={"text": "x"})
    keep(ada, Kind.HIDE, papers[1].key)
    keep(ada, Kind.HIDE, papers[2].key, deleted=True)
    keep(make_user(), Kind.STAR, make_paper().key)
    response = client.get("/me/", {"shelf": shelf})
    assert cards_of(response) == [papers[number].key for number in numbers]
    html = response.content.decode()
    assert f'data-count="{shelf}">{len(numbers)}<' in html
    assert "needs JavaScript" not in html
    assert "data-list-empty hidden" in html


def test_the_page_of_an_account_has_pages_and_lists_missing_papers(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    for _ in range(3):
        keep(ada, Kind.STAR, make_paper().key)
    keep(ada, Kind.STAR, "arxiv:gone")
    html = client.get("/me/?show=2").content.decode()
    assert "Not in this library: arxiv:gone" in html
    following = unescape(re.findall(r'rel="next" href="([^"]*)"', html)[0])
    assert len(cards_of(client.get(following))) == 2
    assert "data-list-empty>" in client.get("/me/?shelf=notes").content.decode()


def test_without_account_and_scripts_the_page_says_that_it_needs_javascript(client: Client) -> None:
    html = client.get("/me/").content.decode()
    assert "<noscript><p" in html
    assert "This page needs JavaScript" in html


def test_an_unknown_shelf_redirects_to_the_page(client: Client) -> None:
    assert client.get("/me/?shelf=x").headers["Location"] == "/me/"


def test_cards_keep_the_order_and_missing_papers_are_listed(client: Client) -> None:
    keys = [make_paper().key for _ in range(3)]
    wanted = [keys[2], "arxiv:gone", keys[0], keys[2]]
    response = client.post("/me/cards", {"keys": "\n".join(wanted)})
    assert cards_of(response) == [keys[2], keys[0]]
    assert "arxiv:gone" in response.content.decode()
    assert response.cookies == {}
    assert "<html" not in response.content.decode()


def test_cards_come_page_by_page(client: Client) -> None:
    keys = [make_paper().key for _ in range(5)]
    posted = {"keys": "\n".join(keys)}
    pages = [client.post(f"/me/cards?skip={skip}&show=2", posted) for skip in (0, 2, 4)]
    assert [cards_of(page) for page in pages] == [keys[:2], keys[2:4], keys[4:]]
    assert [b"hx-post" in page.content for page in pages] == [True, True, False]
    assert pages[1].context["cards"][0].number == 3


@pytest.mark.parametrize("body", [{}, {"keys": ""}, {"keys": "\0\n\n"}, {"keys": "x" * 5000, "skip": "-9"}])
def test_invalid_keys_give_no_cards_and_no_error(client: Client, body: dict[str, str]) -> None:
    assert cards_of(client.post("/me/cards", body)) == []


def test_a_get_of_cards_redirects_to_the_page(client: Client) -> None:
    assert client.get("/me/cards").headers["Location"] == "/me/"


def test_an_export_has_all_items_of_the_account_only(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    keep(user, Kind.NOTE, "arxiv:1", value={"text": "ü"})
    keep(user, Kind.STAR, "arxiv:2", deleted=True)
    keep(make_user(), Kind.NOTE, "arxiv:1", value={"text": "another's"})
    response = client.get("/me/export")
    assert "attachment" in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    imported = read_file(io.BytesIO(response.content), now_ms=10**13)
    assert [(write.kind, write.key, write.deleted) for write in imported.writes] == [
        ("note", "arxiv:1", False),
        ("star", "arxiv:2", True),
    ]


def test_without_an_account_there_is_nothing_to_export(client: Client) -> None:
    assert client.get("/me/export").headers["Location"] == "/me/"


def test_a_file_is_returned_as_items_and_nothing_is_stored(client: Client) -> None:
    client.force_login(make_user())
    answer = send_file(client, b"2401.00001, 2401.00002, word")
    assert answer.status_code == 200
    assert [item["key"] for item in answer.json()["items"]] == ["arxiv:2401.00001", "arxiv:2401.00002"]
    words = answer.json()["words"]
    assert "Items read: 2" in words
    assert "not in this library: 2" in words
    assert "word" in words
    assert not Item.objects.exists()


def send_plainly(client: Client, data: bytes, **fields: str) -> Any:
    return client.post("/me/import", {"file": SimpleUploadedFile("stars.json", data), "plain": "1", **fields})


def test_a_form_without_scripts_imports_a_file_into_the_account(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    paper = make_paper(arxiv_id="2401.00001")
    keep(ada, Kind.STAR, "arxiv:2401.00002")
    html = send_plainly(client, b"2401.00001, 2401.00002, 2401.00003").content.decode()
    assert "Items read: 3" in html
    assert "New or changed: 3." in html  # a star put again counts as written later
    assert f'id="paper-{paper.pk}"' in html
    assert Item.objects.active(Kind.STAR).filter(user=ada).count() == 3
    exported = client.get("/me/export").content
    assert "New or changed: 0." in send_plainly(client, exported).content.decode()


def test_a_file_of_many_items_is_imported_completely(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    items = [{"kind": "read", "key": f"arxiv:2401.{n:05d}", "value": {}, "changed": 5} for n in range(1203)]
    data = json.dumps({"format": FORMAT, "version": 1, "items": items}).encode()
    assert "New or changed: 1203." in send_plainly(client, data).content.decode()
    assert Item.objects.filter(user=ada).count() == 1203


def test_an_invalid_file_is_refused_on_the_page_too(client: Client) -> None:
    client.force_login(make_user())
    response = send_plainly(client, b"{")
    assert response.status_code == 400
    assert "not valid JSON" in response.content.decode()
    assert "<html" in response.content.decode()


def test_another_site_cannot_import_into_an_account() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert send_plainly(client, b"2401.00001").status_code == 403
    html = client.get("/me/").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', html)[0]
    assert send_plainly(client, b"2401.00001", csrfmiddlewaretoken=token).status_code == 200


def test_without_an_account_nothing_of_a_file_is_stored(client: Client) -> None:
    assert send_plainly(client, b"2401.00001").json()["items"]
    assert not Item.objects.exists()


@pytest.mark.parametrize("data", [b"{", b"hello there", json.dumps({"format": "x"}).encode()])
def test_an_invalid_file_is_refused_with_a_message(client: Client, data: bytes) -> None:
    answer = send_file(client, data)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_missing_file_is_reported(client: Client) -> None:
    assert client.post("/me/import").status_code == 400


def test_a_request_that_is_too_long_is_refused_before_its_body_is_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr(WSGIRequest, "_load_post_and_files", fail)
    for length in (str(MAX_FILE_BYTES + 2**20), "-1", "x"):
        response = client.post("/me/import", {"file": SimpleUploadedFile("stars.json", b"[]")}, CONTENT_LENGTH=length)
        assert response.status_code == 413
        assert "64 MB" in response.json()["error"]


def test_all_papers_of_no_interest_are_taken_off_the_list_and_put_back(reader: Reader) -> None:
    keys = [make_paper().key for _number in range(3)]
    for number, key in enumerate(keys):
        if reader.user is not None:
            keep(reader.user, Kind.HIDE, key)
        reader.browser["hide", key] = {"kind": "hide", "key": key, "value": {}, "changed": number, "deleted": False}
    text = reader.press("/me/hidden/clear", do="clear")
    assert "3 papers were taken off." in text
    assert reader.kept(Kind.HIDE) == {}
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    reader.press("/me/hidden/clear", do="restore", removed=removed)
    assert sorted(reader.kept(Kind.HIDE)) == sorted(keys)


def test_without_scripts_an_account_clears_its_list_and_a_stranger_changes_nothing(client: Client) -> None:
    ada = make_user()
    keep(ada, Kind.HIDE, make_paper().key)
    star = keep(ada, Kind.STAR, "kept")
    assert client.post("/me/hidden/clear").headers["Location"] == "/me/?shelf=hidden"
    assert Item.objects.active(Kind.HIDE).count() == 1
    client.force_login(ada)
    assert "Take all papers off this list" in client.get("/me/?shelf=hidden").content.decode()
    client.post("/me/hidden/clear")
    assert Item.objects.active(Kind.HIDE).count() == 0
    assert Item.objects.active(Kind.STAR).get() == star
    assert "Take all papers off this list" not in client.get("/me/?shelf=hidden").content.decode()
