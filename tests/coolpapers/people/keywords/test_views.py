"""Keywords in an account and in a browser: the same page, the same changes, and the order that comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from search.ranking.preference import MAX_KEYWORDS
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.papers.pages.test_views import titles
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import Reader

pytestmark = pytest.mark.django_db

PAGE = "/me/keywords"
DAY = "/arxiv/cs.CL?date=2026-03-02&sort=preference"


def test_keywords_are_saved_weighted_deleted_and_restored(reader: Reader) -> None:
    assert "No keywords yet." in reader.see(PAGE)
    text = reader.press(PAGE, do="add", words=" graph  networks, <b>C++</b> ,,graph networks", weight="2")
    assert "&lt;b&gt;C++&lt;/b&gt;" in text
    assert reader.kept(Kind.KEYWORD) == {"graph networks": {"weight": 2}, "<b>C++</b>": {"weight": 2}}
    text = reader.press(PAGE, do="weigh", word="graph networks", weight="3")
    assert '<option value="3" selected>' in text
    assert reader.kept(Kind.KEYWORD)["graph networks"] == {"weight": 3}
    text = reader.press(PAGE, do="remove", word="graph networks")
    assert set(reader.kept(Kind.KEYWORD)) == {"<b>C++</b>"}
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    assert "graph networks" in reader.press(PAGE, do="restore", removed=removed)
    assert reader.kept(Kind.KEYWORD)["graph networks"] == {"weight": 3}


def test_keywords_are_case_insensitive(reader: Reader) -> None:
    reader.press(PAGE, do="add", words="BERT", weight="1")
    reader.press(PAGE, do="add", words="bert", weight="3")
    assert reader.kept(Kind.KEYWORD) == {"BERT": {"weight": 3}}


def test_stop_words_are_refused_with_a_message(reader: Reader) -> None:
    text = reader.press(PAGE, do="add", words="the, 42, parsing", weight="1")
    assert "“the” cannot rank papers" in text
    assert set(reader.kept(Kind.KEYWORD)) == {"parsing"}
    assert "Enter at least one keyword." in reader.press(PAGE, do="add", words=" , ", weight="1")


def test_the_number_of_keywords_is_limited(reader: Reader) -> None:
    text = reader.press(PAGE, do="add", words=",".join(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(50)))
    assert len(reader.kept(Kind.KEYWORD)) == MAX_KEYWORDS
    assert "At most 40 keywords" in text
    reader.press(PAGE, do="add", words="wordaa", weight="2")  # one that is there can still be weighed
    assert reader.kept(Kind.KEYWORD)["wordaa"] == {"weight": 2}


@pytest.mark.parametrize("form", [{"do": "weigh", "word": "gone"}, {"do": "remove", "word": "gone"}, {"do": "x"}])
def test_a_missing_keyword_is_not_changed(reader: Reader, form: dict[str, str]) -> None:
    reader.press(PAGE, **form)
    assert reader.kept(Kind.KEYWORD) == {}


def test_an_invalid_weight_is_shown_as_a_valid_one(client: Client) -> None:
    ada = make_user()
    client.force_login(ada)
    keep(ada, Kind.KEYWORD, "odd", value={"weight": "many"})
    keep(ada, Kind.KEYWORD, "bare")
    assert client.get(PAGE).content.decode().count('<option value="1" selected>') == 2
    client.post(PAGE, {"do": "remove", "word": "bare"})
    assert not Item.objects.active(Kind.KEYWORD).filter(key="bare").exists()


def test_a_form_without_scripts_changes_the_account_and_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert client.post(PAGE, {"do": "add", "words": "parsing"}).status_code == 403
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', client.get(PAGE).content.decode())[0]
    page = client.post(PAGE, {"do": "add", "words": "parsing", "csrfmiddlewaretoken": token}).content.decode()
    assert "<html" in page
    assert Item.objects.get().key == "parsing"


def test_a_new_keyword_reorders_the_list_below_it(reader: Reader, index_papers: Callable[[], None]) -> None:
    for number, title in enumerate(("Cars", "An oak", "Felines"), start=1):
        make_paper(arxiv_id=f"2603.0000{number}", title=title, abstract="", day=MONDAY)
    index_papers()
    page = reader.client.get(DAY).content.decode()
    assert 'data-kinds="keyword"' in page
    assert ("data-waiting" in page) == (reader.user is None)  # a browser's words are asked for by the browser
    reader.press(PAGE, do="add", words="oak", weight="1")
    sent = [f"{word}:{value['weight']}" for word, value in reader.kept(Kind.KEYWORD).items()]
    html = reader.client.post(DAY, {"keyword": sent}).content.decode()
    assert titles(html)[0] == "An oak"
    assert 'data-kinds="keyword"' not in reader.client.get(DAY.replace("preference", "newest")).content.decode()
