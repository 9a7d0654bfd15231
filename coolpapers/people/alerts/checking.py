"""Check one reader's saved searches for new papers; a search that fails does not affect the others."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from coolpapers.finding.flags import FlagResolver
from coolpapers.people.alerts.sections import Outcome, Section, build_sections, check_start, followed_since
from coolpapers.people.models import AlertState, Item, SentPaper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.new_papers import find_new_papers
from coolpapers.people.state.flags import resolver_for
from coolpapers.people.state.saved_searches import SavedSearch, read_search
from search.engines.registry import search_backend
from search.errors import QuerySyntaxError, QueryTooLarge

logger = logging.getLogger(__name__)


@dataclass
class CheckResult:
    """What a mail would report, and the records to store once it is sent (``AlertState.searches``)."""

    sections: list[Section] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    n_invalid_queries: int = 0
    failures: list[str] = field(default_factory=list)
    is_complete: bool = True  # if not, the next check starts where this one started


def check_searches(user: User, state: AlertState, *, now: datetime) -> CheckResult:
    """Run each of a reader's followed searches over the papers that are new for it."""
    result = CheckResult()
    outcomes: list[tuple[SavedSearch, Outcome]] = []
    for search in followed_searches(user):
        record = state.searches.get(search.ident, {})
        outcome = _run_search(user, search, record, result, checked_at=state.checked_at, now=now)
        if outcome is not None:
            outcomes.append((search, outcome))
    reported = [search.ident for search, _ in outcomes if _was_reported(search, state.searches.get(search.ident, {}))]
    sent = SentPaper.objects.filter(user_id=user.pk).values_list("key", flat=True)
    result.sections = build_sections(outcomes, sent=sent, reported_problems=reported)
    return result


def followed_searches(user: User) -> list[SavedSearch]:
    """The saved searches whose new papers a reader wants by mail, the oldest first."""
    items = Item.objects.active(Kind.SEARCH).filter(user_id=user.pk, value__mail=True).order_by("pk")
    searches = [read_search(item.key, item.value, changed=item.changed) for item in items]
    return [search for search in searches if search.mail]  # SQLite matches the string "true" too


def _run_search(
    user: User,
    search: SavedSearch,
    record: Mapping[str, Any],
    result: CheckResult,
    *,
    checked_at: datetime | None,
    now: datetime,
) -> Outcome | None:
    """What a search found, or why its query does not parse; None if the search failed."""
    since = followed_since(search, record, now=now).isoformat()
    new_record = result.records[search.ident] = {"query": search.query, "since": since, "told": False}
    try:
        start = check_start(search, record, checked_at=checked_at, now=now)
        new = find_new_papers(search.query, since=start, engine=search_backend(), resolve_flag=flag_resolver_of(user))
    except (QuerySyntaxError, QueryTooLarge) as error:
        result.n_invalid_queries += 1
        new_record["told"] = True
        return str(error)
    except Exception as error:
        logger.exception("The saved search %s of reader %s failed", search.ident, user.pk)
        result.failures.append(f"reader {user.pk}, search {search.ident}: {type(error).__name__}: {error}")
        result.is_complete = False
        return None
    result.is_complete &= not new.is_partial
    return new


def flag_resolver_of(user: User) -> FlagResolver | None:
    """Resolves ``is:starred`` and similar flags for the reader, as in a request of theirs."""
    request = HttpRequest()
    request.user = user
    return resolver_for(request)


def _was_reported(search: SavedSearch, record: Mapping[str, Any]) -> bool:
    """Whether the problem of the search's present query was reported before."""
    return bool(record.get("told")) and record.get("query") == search.query
