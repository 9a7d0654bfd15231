"""A reader who follows searches, for the tests of mails with new papers."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from coolpapers.finding.indexing.index import update_index
from coolpapers.papers.models import Paper
from coolpapers.people.alerts.sending import Report, send_digests
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

START = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)
_numbers = count(1)


def after(days: float) -> dt.datetime:
    return START + dt.timedelta(days=days)


def make_reader(*queries: str, email: str = "", mail: bool = True) -> User:
    """A reader who saved these searches at START."""
    user = make_user()
    user.email = email or f"{user.username}@example.org"
    user.save()
    for query in queries:
        follow(user, query, mail=mail)
    return user


def follow(user: User, query: str, *, mail: bool = True, name: str = "") -> Item:
    value = {"name": name, "query": query, "mail": mail}
    milliseconds = int(START.timestamp() * 1000)
    return keep(user, Kind.SEARCH, f"s{next(_numbers)}", value=value, changed=milliseconds)


def come_in(title: str, *, on: float, is_indexed: bool = True, **fields: Any) -> Paper:
    """A paper that comes in ``on`` days after START, and the index with it."""
    paper = make_paper(title=title, day=after(on).date(), **fields)
    Paper.objects.filter(pk=paper.pk).update(created_at=after(on))
    if is_indexed:
        update_index(search_backend())
    return paper


def run(on: float, **arguments: Any) -> Report:
    return send_digests(clock=lambda: after(on), **arguments)
