from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.flags import fold, is_in_note
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db
NUMBERS = range(1, 7)


def key(number: int) -> str:
    return f"arxiv:2603.{number:05d}"


@pytest.fixture(params=["tantivy", "memory"], autouse=True)
def _library(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> None:
    """Six papers about graphs, in each of two engines."""
    options = {"path": tmp_path / "index"}
    settings.SEARCH_BACKENDS = {
        "tantivy": {"BACKEND": "search.engines.tantivy.TantivyBackend", "OPTIONS": options},
        "memory": {"BACKEND": "search.engines.memory.MemoryBackend"},
    }
    settings.SEARCH_BACKEND = request.param
    for number in NUMBERS:
        make_paper(arxiv_id=f"2603.{number:05d}", title=f"Graph {number}")
    rebuild_index(search_backend())


@pytest.fixture
def reader(client: Client) -> Client:
    """Somebody with an account: stars on 1 to 3, 3 and 4 read, 5 hidden, a note on 2, and a collection of 1 and 6."""
    user = make_user()
    for number in (1, 2, 3):
        keep(user, Kind.STAR, key(number))
    keep(user, Kind.STAR, key(6), deleted=True)
    for number in (3, 4):
        keep(user, Kind.READ, key(number))
    keep(user, Kind.HIDE, key(5))
    keep(user, Kind.NOTE, key(2), value={"text": "Ask Zoë about\nthe Schrödinger part"})
    keep(user, Kind.COLLECTION, "c1", value={"name": "Reading Group", "note": ""})
    for number in (1, 6):
        keep(user, Kind.MEMBER, f"c1/{key(number)}", value={"position": number, "note": ""})
    keep(user, Kind.MEMBER, f"c2/{key(4)}", value={"position": 0, "note": ""})
    other = make_user()
    keep(other, Kind.STAR, key(4))
    client.force_login(user)
    return client


def found(response: Any) -> set[int]:
    assert response.status_code == 200
    return {int(card.paper.arxiv_id[-1]) for card in response.context["cards"]}


CASES = [
    ("is:starred", {1, 2, 3}),
    ("is:read", {3, 4}),
    ("is:unread", {1, 2, 5, 6}),
    ("is:starred is:unread", {1, 2}),
    ("graph -is:hidden", {1, 2, 3, 4, 6}),
    ("-is:hidden -is:starred", {4, 6}),
    ("-is:unread", {3, 4}),
    ("is:hidden OR is:read", {3, 4, 5}),
    ("NOT (is:unread OR is:starred)", {4}),
    ('in:"reading group"', {1, 6}),
    ("in:c1", {1, 6}),
    ("note:zoe", {2}),
    ('note:"about the schrodinger"', {2}),
    ("note:schrö*", {2}),
    ("graph note:nobody", set()),
]


@pytest.mark.parametrize(("query", "wanted"), CASES, ids=[query for query, _wanted in CASES])
def test_the_flags_of_an_account_are_looked_up(reader: Client, query: str, wanted: set[int]) -> None:
    response = reader.get("/search", {"q": query})
    assert found(response) == wanted
    assert response.context["flags"] == ""


def test_an_unknown_collection_is_noted(reader: Client) -> None:
    response = reader.get("/search", {"q": "in:nowhere"})
    assert found(response) == set()
    assert any("in:nowhere" in note for note in response.context["notes"])


def test_without_an_account_the_page_lists_the_flags_as_unresolved(client: Client) -> None:
    response = client.get("/search", {"q": "graph is:starred note:todo"})
    assert json.loads(response.context["flags"]) == ["is:starred", "note:todo"]
    assert "data-flags=" in response.content.decode()
    assert len(response.context["notes"]) >= 2


def test_the_browser_sends_the_keys_with_the_request(client: Client) -> None:
    flags = {"is:starred": [key(1), key(2), "arxiv:gone"], "is:unread": [key(2)]}
    response = client.post("/search?q=is:starred+is:unread", {"flags": json.dumps(flags)})
    assert found(response) == {1}
    assert "data-flags=" not in response.content.decode()


def test_posted_flags_work_on_every_page_of_results(client: Client) -> None:
    sent = {"flags": json.dumps({"is:starred": [key(number) for number in NUMBERS]})}
    pages = [client.post(f"/search?q=is:starred&show=2&skip={skip}", sent) for skip in (0, 2, 4)]
    assert [len(found(page)) for page in pages] == [2, 2, 2]
    assert set().union(*map(found, pages)) == set(NUMBERS)
    fragment = client.post("/search?q=is:starred&show=2&skip=2", sent, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()


def test_posted_flags_take_precedence_over_the_account(reader: Client) -> None:
    sent = {"flags": json.dumps({"is:starred": [key(5)]})}
    assert found(reader.post("/search?q=is:starred", sent)) == {5}


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "7", '{"is:starred": 7}', '{"is:starred": [7, null, "a\\u0000"]}', "[" * 9999]
)
def test_invalid_flags_find_nothing(client: Client, sent: str) -> None:
    assert found(client.post("/search?q=is:starred", {"flags": sent})) == set()


def test_notes_are_compared_without_case_marks_and_line_ends() -> None:
    assert fold("  Schrödinger\n\tEQUATION ") == "schrodinger equation"
    assert fold("ﬁne ½ Ⅳ हिन्दी") == "fine 1⁄2 iv हनद"
    assert is_in_note("知识", "关于知识图谱")
    assert not is_in_note("ada b", "ada, b")
