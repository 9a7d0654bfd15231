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
from tests.coolpapers.papers.library import make_paper
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
    assert "No saved searches yet" in reader.see("/me/searches")
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
    assert response.headers["Location"] == "/search?q=graphs&sort=newest"
    assert "0 new" in client.get("/me/searches").content.decode()
    assert Item.objects.get(key="s1").value["query"] == "graphs"


def test_a_browser_counts_by_its_own_visits(client: Client, index_papers: Callable[[], None]) -> None:
    make_paper(title="Graphs")
    index_papers()
    old = milliseconds(timezone.now() - dt.timedelta(days=1))
    items = [{"kind": "search", "key": "s1", "value": {"query": "graphs"}, "changed": old}]
    text = client.post("/me/searches", {"items": json.dumps(items)}, headers=HTMX).content.decode()
    assert "1 new" in text
    assert 'href="/search?q=graphs&amp;sort=newest" data-opens="s1"' in text


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
