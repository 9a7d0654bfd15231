"""The form that makes a set of categories."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client

from coolpapers.papers.pages.narrowing.category_choice import Choice, read_choice
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.papers.pages.test_views import get

pytestmark = pytest.mark.django_db

LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _library() -> None:
    for number, codes in enumerate((["cs.CL"], ["cs.CL", "cs.LG"], ["cs.LG", "cs.AI"], ["cond-mat.str-el"])):
        make_paper(arxiv_id=f"2603.0000{number}", day=date(2026, 3, 2), categories=codes)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("cat=cs.CL&cat=cs.LG&cat=cs.CL", "cs.CL,cs.LG"),
        ("cat=cs.CL&not=cs.LG", "cs.CL-cs.LG"),
        ("not=cs.LG", "all-cs.LG"),
        ("cat=cs.CL&not=cs.CL", "all-cs.CL"),
        ("cat=cond-mat.str-el&not=cs.AI&not=cs.LG", "cond-mat.str-el-cs.AI-cs.LG"),
    ],
)
def test_a_choice_is_an_address(client: Client, query: str, text: str) -> None:
    choice = read_choice(QueryDict(query))
    assert choice.text == text
    response = client.get(f"/arxiv/?{query}")
    assert (response.status_code, response.headers["Location"]) == (302, choice.path)
    assert client.get(choice.path).status_code == 200


def test_nothing_chosen_is_the_form() -> None:
    assert not read_choice(QueryDict("cat=&not="))
    assert Choice((), ("cs.CL",))


@pytest.mark.parametrize(
    ("query", "n_papers"), [("cat=cs.CL", 2), ("cat=cs.CL&cat=cs.LG", 3), ("cat=cs.LG&not=cs.CL", 1), ("not=cs.LG", 2)]
)
def test_the_count_of_a_choice_is_that_of_its_list(client: Client, query: str, n_papers: int) -> None:
    live = get(client, f"/arxiv/?{query}", headers=LIVE)
    assert "<html" not in live
    assert re.search(rf"<strong>{n_papers} papers?</strong>", live)
    path = read_choice(QueryDict(query)).path
    assert f'href="{path}"' in live
    assert get(client, f"{path}?from=2000").count('data-key="') == n_papers


def test_the_form_shows_a_choice_to_be_edited(client: Client) -> None:
    html = get(client, "/arxiv/?edit=1&cat=cs.CL&not=cs.LG")
    assert re.search(r'name="cat" value="cs.CL" aria-label="in cs.CL" checked', html)
    assert re.search(r'name="not" value="cs.LG" aria-label="not in cs.LG" checked', html)
    assert html.count(" checked") == 2


def test_a_choice_that_cannot_be_says_why(client: Client) -> None:
    assert "No category is called “cs.ZZ”." in get(client, "/arxiv/?cat=cs.ZZ", headers=LIVE)
    many = "&".join(f"cat=cs.{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(70))
    assert "called" in get(client, f"/arxiv/?{many}", headers=LIVE)
    codes = "&".join(["cat=cs.CL", *("not=cs.LG" for _ in range(3))])
    assert "<strong>1 paper</strong>" in get(client, f"/arxiv/?{codes}", headers=LIVE)


def test_answers_depend_on_the_header_of_htmx(client: Client) -> None:
    assert "HX-Request" in client.get("/arxiv/").headers["Vary"]
