from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.utils.timezone import localdate

from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def links(query: str) -> list[dict[str, list[str]]]:
    context = RequestContext(RequestFactory().get(f"/arxiv/cs.CL{query}"))
    html = Template("{% load windows %}{% date_windows %}").render(context)
    return [parse_qs(urlsplit(unescape(link)).query) for link in re.findall(r'href="([^"]+)"', html)]


def test_windows_begin_so_many_days_ago_and_keep_the_rest_of_the_address() -> None:
    found = links("?sort=title&date=2026-03-02&to=2026-03-02&skip=25")
    days = [(localdate() - timedelta(days=n)).isoformat() for n in (0, 6, 29, 6, 29)]
    assert [link["from"] for link in found] == [[day] for day in days]
    assert [link["sort"] for link in found] == [["title"]] * 3 + [["stars"]] * 2
    assert all(link.keys() == {"from", "sort"} for link in found)


def test_the_window_shown_is_marked(client: Client) -> None:
    make_paper(day=localdate())
    week = (localdate() - timedelta(days=6)).isoformat()
    page = client.get(f"/arxiv/cs.CL?from={week}").content.decode()
    assert re.findall(r'aria-current="true">([^<]+)</a>', page).count("Past week") == 1
    other = client.get(f"/arxiv/cs.CL?from={week}&to={week}").content.decode()
    assert "Past week" not in re.findall(r'aria-current="true">([^<]+)</a>', other)
