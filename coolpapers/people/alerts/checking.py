"""What there is to tell one reader: each saved search is asked, and one that fails costs itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from coolpapers.finding.flags import FlagResolver
from coolpapers.people.alerts.digests import Outcome, Section, assemble, followed_since, looked_from
from coolpapers.people.models import AlertState, Item, SentPaper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.new_papers import find_new
from coolpapers.people.state.flags import resolver_for
from coolpapers.people.state.saved_searches import SavedSearch, read_search
from search.engines.registry import search_backend
from search.errors import QuerySyntaxError, QueryTooLarge

logger = logging.getLogger(__name__)


@dataclass
class Outlook:
    """What a mail would tell, and what is to be remembered once it is told (``AlertState.searches``)."""

    sections: list[Section] = field(default_factory=list)
    searches: dict[str, dict[str, Any]] = field(default_factory=dict)
    n_broken: int = 0  # queries that do not parse
    failures: list[str] = field(default_factory=list)
    is_whole: bool = True  # else the next look begins where this one began


def look(user: User, state: AlertState, *, now: datetime) -> Outlook:
    """Ask each of a reader's searches for what has come in."""
    outlook = Outlook()
    outcomes: list[tuple[SavedSearch, Outcome]] = []
    for search in followed_searches(user):
        known = state.searches.get(search.ident, {})
        outcome = _ask(user, search, known, outlook, checked_at=state.checked_at, now=now)
        if outcome is not None:
            outcomes.append((search, outcome))
    told = [search.ident for search, _ in outcomes if _is_told(search, state.searches.get(search.ident, {}))]
    sent = SentPaper.objects.filter(user_id=user.pk).values_list("key", flat=True)
    outlook.sections = assemble(outcomes, sent=sent, told_problems=told)
    return outlook


def followed_searches(user: User) -> list[SavedSearch]:
    """The saved searches whose news a reader wants by mail, the oldest first."""
    items = Item.objects.kept(Kind.SEARCH).filter(user_id=user.pk, value__mail=True).order_by("pk")
    found = [read_search(item.key, item.value, changed=item.changed) for item in items]
    return [search for search in found if search.mail]  # SQLite takes the word "true" for the truth


def _ask(
    user: User,
    search: SavedSearch,
    known: Mapping[str, Any],
    outlook: Outlook,
    *,
    checked_at: datetime | None,
    now: datetime,
) -> Outcome | None:
    """What a search found, or why its query cannot be read; None where asking failed."""
    since = followed_since(search, known, now=now).isoformat()
    entry = outlook.searches[search.ident] = {"query": search.query, "since": since, "told": False}
    try:
        start = looked_from(search, known, checked_at=checked_at, now=now)
        findings = find_new(search.query, since=start, engine=search_backend(), resolve_flag=flags_of(user))
    except (QuerySyntaxError, QueryTooLarge) as error:
        outlook.n_broken += 1
        entry["told"] = True
        return str(error)
    except Exception as error:
        logger.exception("The saved search %s of reader %s failed", search.ident, user.pk)
        outlook.failures.append(f"reader {user.pk}, search {search.ident}: {type(error).__name__}: {error}")
        outlook.is_whole = False
        return None
    outlook.is_whole &= not findings.is_partial
    return findings


def flags_of(user: User) -> FlagResolver | None:
    """What ``is:starred`` and its like mean for the reader, as in a request of theirs."""
    request = HttpRequest()
    request.user = user
    return resolver_for(request)


def _is_told(search: SavedSearch, known: Mapping[str, Any]) -> bool:
    return bool(known.get("told")) and known.get("query") == search.query
