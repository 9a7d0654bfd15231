from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from coolpapers.papers.models import Paper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.sharing import exporting_views
from coolpapers.people.sharing.exporting import EXPORT_FORMATS
from coolpapers.people.sharing.exporting_views import file_name
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper, make_venue_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def download(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, address
    return response


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def titles_in(response: Any) -> list[str]:
    return [item["title"] for item in json.loads(text_of(response))]


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    make_paper(arxiv_id="2603.00001", title="Graphs one", day=MONDAY)
    make_paper(arxiv_id="2603.00002", title="Graphs two", day=TUESDAY, categories=["cs.LG"])
    make_paper(arxiv_id="2603.00003", title="Trees", day=TUESDAY)
    make_venue_paper("a", title="Talk one", track="Oral")
    make_venue_paper("b", title="Talk two", track="Poster")
    index_papers()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("address", "titles"),
    [
        ("/search/export?q=graphs&sort=newest", ["Graphs two", "Graphs one"]),
        ("/arxiv/search/export?query=graphs&sort=oldest", ["Graphs one", "Graphs two"]),
        ("/search/export?q=graphs&category=cs.LG", ["Graphs two"]),
        ("/search/export?q=graphs&sort=oldest&skip=1&show=1", ["Graphs one", "Graphs two"]),
        ("/arxiv/cs.CL/export?from=2026-03-01&sort=oldest", ["Graphs one", "Trees"]),
        ("/arxiv/cs.CL/export?date=2026-03-03", ["Trees"]),
        ("/arxiv/2603.00003,2603.00001/export?x=1", ["Trees", "Graphs one"]),
        ("/arxiv/2603.00003,2603.00099/export?x=1", ["Trees"]),
        ("/venue/ICLR.2025/export?sort=title", ["Talk one", "Talk two"]),
        ("/venue/ICLR/export?group=Poster", ["Talk two"]),
    ],
)
def test_a_list_is_exported_as_its_page_shows_it(client: Client, address: str, titles: list[str]) -> None:
    assert titles_in(download(client, f"{address}&format=csl-json")) == titles


@pytest.mark.usefixtures("library")
def test_a_search_is_exported_in_its_readers_order_with_its_readers_flags(client: Client) -> None:
    first, second = titles_in(download(client, "/search/export?q=graphs&format=csl-json"))
    reader = make_user()
    keep(reader, Kind.STAR, Paper.objects.get(title=second).key)
    client.force_login(reader)
    assert titles_in(download(client, "/search/export?q=graphs&sort=stars&format=csl-json")) == [second, first]
    assert titles_in(download(client, "/search/export?q=graphs+is:starred&format=csl-json")) == [second]


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_every_format_comes_as_a_file(client: Client, name: str) -> None:
    response = download(client, f"/search/export?q=graphs&format={name}")
    chosen = EXPORT_FORMATS[name]
    assert response.headers["Content-Type"] == f"{chosen.media_type}; charset=utf-8"
    disposition = unquote(response.headers["Content-Disposition"])
    assert disposition == f"attachment; filename*=UTF-8''Search-graphs.{chosen.extension}"
    assert "Graphs one" in text_of(response).replace("{", "").replace("}", "")


@pytest.mark.usefixtures("library")
def test_a_long_list_is_truncated_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting_views, "MAX_PAPERS", 1)
    for address, total in (("/search/export?q=graphs", 2), ("/arxiv/cs.CL/export?from=2026-03-01", 2)):
        response = download(client, address)
        assert response.headers["X-Total-Count"] == str(total)
        assert "-first-1.bib" in response.headers["Content-Disposition"]
        text = text_of(response)
        assert text.startswith(f"% The first 1 papers of {total}.")
        assert text.count("@misc") == 1


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["/search/export?q=x&format=docx", "/arxiv/cs.CL/export?format="])
def test_an_unknown_format_is_reported(client: Client, address: str) -> None:
    response = client.get(address)
    if address.endswith("="):
        assert response.status_code == 200  # none asked for: BibTeX
        return
    assert response.status_code == 404
    assert "bibtex, ris, csl-json, endnote, zotero, markdown, text, digest" in response.content.decode()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("address", ["/arxiv/cs.XX/export", "/venue/Nowhere/export"])
def test_an_unknown_list_has_no_export(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.usefixtures("own_index")
def test_without_an_index_a_search_says_so(client: Client) -> None:
    assert client.get("/search/export?q=x").status_code == 503


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("query", ["", "%22", "%00", "%ff", "C%2B%2B+%26+%3Cb%3E{}[]()^~*?"])
def test_any_query_gives_a_file(client: Client, query: str) -> None:
    assert client.get(f"/search/export?q={query}").status_code == 200


def test_posted_papers_keep_their_order_and_notes(client: Client) -> None:
    first, second = make_paper(title="First"), make_paper(title="Second")
    form = {
        "format": "markdown",
        "title": "To read",
        "text": "This week",
        "key": [second.key, "gone:1", first.key, second.key],
        "note": ["see <b>§2</b>", "", ""],
    }
    visitor = Client(enforce_csrf_checks=True)  # pages give visitors no token
    response = visitor.post("/me/collections/export", form)
    text = text_of(response)
    assert text.startswith("# To read\n\nThis week\n\n- ")
    assert text.index("Second") < text.index("see <b>§2</b>") < text.index("First")
    assert text.count("[Second]") == 1
    assert client.get("/me/collections/export").status_code == 405


def test_a_thousand_papers_take_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    keys = [make_paper().key for _ in range(120)]
    with django_assert_max_num_queries(4):
        response = client.post("/me/collections/export", {"format": "digest", "key": keys})
        assert text_of(response).count("\n## ") == 119


@pytest.mark.parametrize(
    ("title", "n", "name"),
    [
        ("Search: a/b\\c", None, "Search-a-b-c.ris"),
        ("中文 list", 1000, "中文-list-first-1000.ris"),
        ("../..", None, "papers.ris"),
        ("", None, "papers.ris"),
    ],
)
def test_file_names_are_valid_on_every_file_system(title: str, n: int | None, name: str) -> None:
    assert file_name(title, EXPORT_FORMATS["ris"], n_papers=n) == name
