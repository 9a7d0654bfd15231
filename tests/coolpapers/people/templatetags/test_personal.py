from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template import Context, Template

from coolpapers.finding.pages.forms import read_search_request
from coolpapers.papers.pages.forms import read_list_request
from coolpapers.papers.pages.listing import list_categories, list_venue
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def rendered(source: str, **context: object) -> str:
    return Template("{% load personal %}" + source).render(Context(context))


def test_a_page_offers_its_query() -> None:
    make_paper(categories=["cs.CL"])
    make_venue_paper("a")
    empty = read_list_request({})
    search = read_search_request(QueryDict('q="a b"'))
    assert 'value="&quot;a b&quot;"' in rendered("{% save_search wanted %}", wanted=search)
    categories = list_categories("cs.CL", empty, revision=1)
    assert 'value="cat:cs.CL"' in rendered("{% save_list listing %}", listing=categories)
    venue = list_venue("ICLR", empty, revision=1)
    assert 'value="venue:&quot;ICLR 2025&quot;"' in rendered("{% save_list listing %}", listing=venue)


def test_the_list_of_all_papers_cannot_be_saved() -> None:
    make_paper()
    everything = list_categories("all", read_list_request({}), revision=1)
    assert rendered("{% save_list listing %}", listing=everything).strip() == ""


def test_mail_is_offered_for_followed_searches_to_accounts_with_an_address() -> None:
    user = make_user()
    keep(user, Kind.SEARCH, "s1", value={"query": "x"})
    wanted = read_search_request(QueryDict("q=x"))
    assert "mail me" not in rendered("{% save_search wanted %}", wanted=wanted, user=user)
    user.email = "reader@example.org"
    text = rendered("{% save_search wanted %}", wanted=wanted, user=user, csrf_token="t")
    assert "Following ✓" in text
    assert "mail me" in text
    assert "csrfmiddlewaretoken" in text


def test_a_list_of_one_category_can_be_pinned() -> None:
    make_paper(categories=["cs.CL", "cs.LG"])
    user = make_user()
    keep(user, Kind.PIN, "cs.CL")
    empty = read_list_request({})
    one = list_categories("cs.CL", empty, revision=1)
    assert 'value="pin"' in rendered("{% pin_category listing %}", listing=one)
    assert "Pinned ✓" in rendered("{% pin_category listing %}", listing=one, user=user)
    for spec in ("cs.CL,cs.LG", "cs.CL-cs.LG", "cs", "all"):
        several = list_categories(spec, empty, revision=1)
        assert rendered("{% pin_category listing %}", listing=several).strip() == ""


def test_the_header_requests_news_only_for_readers_who_follow_something() -> None:
    user = make_user()
    assert "hx-get" not in rendered("{% news_count %}", user=user)
    keep(user, Kind.SEARCH, "s1", value={"query": "x"})
    assert 'hx-get="/me/news"' in rendered("{% news_count %}", user=user)
    assert "data-optional" in rendered("{% news_count %}")  # the browser asks if it keeps something
