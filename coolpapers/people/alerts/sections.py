"""The content of a digest mail: which papers each saved search reports, and since when. Pure functions.

Start at :func:`build_sections`, which deduplicates papers across searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from coolpapers.people.searches.new_papers import NewPapers
from coolpapers.people.state.saved_searches import SavedSearch

# How far each check reaches back behind the last one: papers may be indexed late or arrive during a check. Papers
# reported in this time are remembered, so none is reported twice.
OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Section:
    """One saved search in a mail: the keys of its new papers, without those that an earlier section lists."""

    search: SavedSearch
    keys: tuple[str, ...] = ()
    n_listed_above: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""  # why the query does not parse
    is_new_problem: bool = False  # the problem has not been reported yet


Outcome = NewPapers | str  # what a search found, or why its query does not parse


def build_sections(
    outcomes: Iterable[tuple[SavedSearch, Outcome]], *, sent: Iterable[str], reported_problems: Iterable[str] = ()
) -> list[Section]:
    """Sections in the order of the searches; each paper stands in the first one that found it, unless already sent.

    ``reported_problems`` are the ids of searches whose problem was reported before. Searches with nothing to report
    have no section.
    """
    sent_keys, reported_idents = set(sent), set(reported_problems)
    listed: set[str] = set()
    sections = []
    for search, outcome in outcomes:
        if isinstance(outcome, str):
            is_new = search.ident not in reported_idents
            sections.append(Section(search, problem=outcome, is_new_problem=is_new))
            continue
        unsent = [key for key in dict.fromkeys(outcome.keys) if key not in sent_keys]
        keys = tuple(key for key in unsent if key not in listed)
        listed.update(keys)
        if unsent:
            sections.append(Section(search, keys, len(unsent) - len(keys), outcome.notes))
    return sections


def has_news(sections: Sequence[Section]) -> bool:
    """Whether a mail is due: there is a new paper or a problem not reported before."""
    return any(section.keys or section.is_new_problem for section in sections)


def reported_keys(sections: Sequence[Section]) -> list[str]:
    return [key for section in sections for key in section.keys]


def check_start(
    search: SavedSearch, record: Mapping[str, str], *, checked_at: datetime | None, now: datetime
) -> datetime:
    """The time from which papers count as new for a search.

    ``record`` is what the last check stored for it: ``query`` and ``since``. A search without a record, or whose
    query has changed, is followed from the time it was saved, at most :data:`OVERLAP` ago.
    """
    since = followed_since(search, record, now=now)
    return max(since, (checked_at or since) - OVERLAP)


def followed_since(search: SavedSearch, record: Mapping[str, str], *, now: datetime) -> datetime:
    """Since when the search is followed with its present query."""
    if record.get("query") == search.query and "since" in record:
        return datetime.fromisoformat(record["since"])
    return min(max(search.saved_at, now - OVERLAP), now)


def last_due(now: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The last time at which it was ``hour`` o'clock in ``zone``; checks before it belong to an earlier day."""
    local = now.astimezone(zone)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)
