from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from coolpapers.papers.models import Paper
from coolpapers.people.models import AlertState, Item
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import TUESDAY, make_paper
from tests.coolpapers.people.make import keep, make_user
from tests.coolpapers.people.readers import HTMX, Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client: Client) -> User:
    made = make_user()
    made.email = "reader@example.org"
    made.save()
    client.force_login(made)
    return made


def milliseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.usefixtures("own_index")
def test_a_search_is_saved_edited_deleted_and_restored(reader: Reader) -> None:
    assert "You follow nothing yet" in reader.see("/me/searches")
    reader.press("/me/searches/save", query="graph networks", name="")
    (ident,) = reader.kept(Kind.SEARCH)
    text = reader.see("/me/searches")
    assert 'href="/search/feed?q=graph%20networks"' in text
    text = reader.press("/me/searches", do="edit", ident=ident, name="Nets & co", query="graph")
    assert "Nets &amp; co" in text
    assert reader.kept(Kind.SEARCH)[ident]["query"] == "graph"
    text = reader.press("/me/searches", do="delete", ident=ident)
    assert reader.kept(Kind.SEARCH) == {}
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    assert "Nets &amp; co" in reader.press("/me/searches", do="restore", removed=removed)
    if reader.user is None:
        assert not Item.objects.exists()


def test_new_papers_are_counted_since_the_search_was_opened(
    client: Client, user: User, index_papers: Callable[[], None]
) -> None:
    now = timezone.now()
    for hours, title in ((50, "Graphs of old"), (5, "Graphs one"), (1, "Graphs two"), (1, "Trees")):
        paper = make_paper(title=title)
        Paper.objects.filter(pk=paper.pk).update(created_at=now - dt.timedelta(hours=hours))
    index_papers()
    opened = milliseconds(now - dt.timedelta(hours=10))
    keep(user, Kind.SEARCH, "s1", value={"name": "", "query": "graphs", "opened": opened})
    keep(user, Kind.SEARCH, "s2", value={"name": "", "query": "year:soon"})
    text = client.get("/me/searches").content.decode()
    assert "2 new" in text
    assert "position 6" in text
    response = client.get("/me/searches/s1/open")
    first_new = Paper.objects.get(title="Graphs one").pk
    assert response.headers["Location"] == f"/search?q=graphs&sort=newest&new={first_new}"
    assert "0 new" in client.get("/me/searches").content.decode()
    assert Item.objects.get(key="s1").value["query"] == "graphs"


def test_a_browser_counts_by_its_own_visits(client: Client, index_papers: Callable[[], None]) -> None:
    paper = make_paper(title="Graphs")
    index_papers()
    old = milliseconds(timezone.now() - dt.timedelta(days=1))
    items = [{"kind": "search", "key": "s1", "value": {"query": "graphs"}, "changed": old}]
    text = client.post("/me/searches", {"items": json.dumps(items)}, headers=HTMX).content.decode()
    assert "1 new" in text
    assert f'href="/search?q=graphs&amp;sort=newest&amp;new={paper.pk}" data-opens="s1"' in text
    (look,) = re.findall(r'data-look="([^"]*)"', text)
    assert json.loads(unescape(look)) | {"opened": 0} == {"opened": 0, "row": paper.pk, "paper": paper.key}


def test_following_counts_only_what_arrives_later(reader: Reader, index_papers: Callable[[], None]) -> None:
    make_paper(title="Graphs before")
    index_papers()
    text = reader.press("/me/searches/save", query="graphs")
    assert "Following ✓" in text
    assert "0 new" in reader.see("/me/searches")
    # All papers of an import have the time when it began, which may be before the reader looked.
    for title in ("Graphs one", "Graphs two", "Trees"):
        paper = make_paper(title=title)
        Paper.objects.filter(pk=paper.pk).update(created_at=timezone.now() - dt.timedelta(hours=1))
    index_papers()
    assert "2 new" in reader.see("/me/searches")
    assert "2 new papers" in _news(reader)
    assert "0 new" in reader.press("/me/searches", do="seen")
    assert "new papers" not in _news(reader)


def test_a_paper_that_the_index_does_not_have_yet_is_news_later(
    reader: Reader, index_papers: Callable[[], None]
) -> None:
    make_paper(title="Graphs before")
    index_papers()
    make_paper(title="Graphs not indexed")
    reader.press("/me/searches/save", query="graphs")
    index_papers()
    assert "1 new" in reader.see("/me/searches")


def test_a_row_of_another_library_does_not_count(client: Client, user: User, index_papers: Callable[[], None]) -> None:
    paper = make_paper(title="Graphs")
    index_papers()
    soon = milliseconds(timezone.now() + dt.timedelta(hours=1))
    value = {"query": "graphs", "row": paper.pk, "paper": "arxiv:0000.00000", "opened": 0}
    keep(user, Kind.SEARCH, "s1", value=value)
    assert "1 new" in client.get("/me/searches").content.decode()  # by its time
    Item.objects.update(value={**value, "row": paper.pk + 99, "opened": soon})
    Paper.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    assert "0 new" in client.get("/me/searches").content.decode()


def test_following_is_undone_with_what_was_kept(reader: Reader, index_papers: Callable[[], None]) -> None:
    make_paper(title="Graphs before")
    index_papers()
    reader.press("/me/searches/save", query="graphs", name="Nets")
    (before,) = reader.kept(Kind.SEARCH).values()
    text = reader.press("/me/searches/save", query="graphs", do="unfollow")
    assert ">Follow<" in text
    assert reader.kept(Kind.SEARCH) == {}
    removed = unescape(re.findall(r'name="removed" value="([^"]*)"', text)[0])
    assert "Following ✓" in reader.press("/me/searches/save", query="graphs", do="restore", removed=removed)
    assert list(reader.kept(Kind.SEARCH).values()) == [before]


def test_the_header_tells_the_state_of_the_page_too(reader: Reader, index_papers: Callable[[], None]) -> None:
    make_paper(title="Graphs before")
    index_papers()
    reader.press("/me/searches/save", query="graphs")
    reader.press("/me/pins", code="cs.CL", do="pin")
    assert _news(reader, query="graphs", code="cs.CL").count('hx-swap-oob="true"') == 2
    assert "hx-swap-oob" not in _news(reader, query="trees", code="cs.LG")


def _news(reader: Reader, **page: str) -> str:
    """The part of the header, which changes nothing that is kept."""
    kept = {} if reader.user else {"items": json.dumps(list(reader.browser.values()))}
    return reader.client.post("/me/news", {**page, **kept}, headers=HTMX).content.decode()


def test_a_list_opened_from_a_followed_search_marks_what_is_new_and_puts_it_first(
    client: Client, user: User, index_papers: Callable[[], None]
) -> None:
    make_paper(title="Graphs before", day=TUESDAY)
    index_papers()
    client.post("/me/searches/save", {"query": "graphs"})
    make_paper(title="Graphs of old, imported now", day=dt.date(1999, 1, 4))
    index_papers()
    (ident,) = Item.objects.active(Kind.SEARCH).values_list("key", flat=True)
    html = client.get(f"/me/searches/{ident}/open", follow=True).content.decode()
    cards = html.split('<li class="card')[1:]
    assert ["of old" in card for card in cards] == [True, False]
    assert ["new-badge" in card for card in cards] == [True, False]
    assert "Mark all as seen" in html
    again = client.get(f"/me/searches/{ident}/open", follow=True).content.decode()
    assert "Nothing is new since your last look" in again
    assert "new-badge" not in "".join(again.split('<li class="card')[1:])


@pytest.mark.usefixtures("own_index")
def test_without_an_index_searches_are_listed(client: Client, user: User) -> None:
    keep(user, Kind.SEARCH, "s1", value={"name": "Nets", "query": "graphs"})
    response = client.get("/me/searches")
    assert response.status_code == 200
    assert "Nets" in response.content.decode()


@pytest.mark.usefixtures("own_index")
def test_alerts_are_turned_on_and_off(client: Client, user: User) -> None:
    client.post("/me/searches", {"do": "add", "query": "graphs", "mail": "1"})
    assert Item.objects.get(kind=Kind.SEARCH).value["mail"] is True
    text = client.get("/me/searches").content.decode()
    assert "E-mail alerts go to reader@example.org" in text
    client.post("/me/searches", {"do": "stop"})
    assert "You have turned off e-mail alerts" in client.get("/me/searches").content.decode()
    client.post("/me/searches", {"do": "start"})
    AlertState.objects.update(error="SMTPRecipientsRefused: <no>", mailed_at=timezone.now())
    text = client.get("/me/searches").content.decode()
    assert "SMTPRecipientsRefused: &lt;no&gt;" in text
    assert "Last sent:" in text


def test_a_visitor_cannot_stop_mails_there(client: Client) -> None:
    client.post("/me/searches", {"do": "stop"})
    assert not AlertState.objects.exists()


@pytest.mark.usefixtures("own_index")
def test_saving_without_scripts_leads_to_the_searches(client: Client, user: User) -> None:
    response = client.post("/me/searches/save", {"query": "graphs"})
    assert response.headers["Location"] == "/me/searches"
    assert Item.objects.get().value["query"] == "graphs"


def test_a_missing_search_is_not_opened(client: Client, user: User) -> None:
    assert client.get("/me/searches/none/open").status_code == 404


def test_pages_offer_to_save_what_they_show(client: Client, index_papers: Callable[[], None]) -> None:
    make_paper(categories=["cs.CL"])
    index_papers()
    for address, query in (
        ("/search?q=paper&category=cs.CL", "paper cat:cs.CL"),
        ("/arxiv/cs.CL", "cat:cs.CL"),
    ):
        response: Any = client.get(address)
        assert f'name="query" value="{query}"' in response.content.decode()
        assert "csrftoken" not in response.cookies
