"""A mail with the new papers of a reader's saved searches, as plain functions: what it tells, and its words.

Start at :func:`assemble`, which gives each paper its one place, and :func:`compose`, which writes the mail.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import Card
from coolpapers.people.searches.new_papers import Findings
from coolpapers.people.state.saved_searches import SavedSearch

# How far behind the last look the next one begins: papers may be indexed late, or come in while a look goes on.
# What was told in this time is remembered, so nothing is told twice.
OVERLAP = timedelta(days=7)
SHOWN = 30  # papers of one search written out in a mail; of the others it says how many there are
AUTHORS_SHOWN = 5
ABSTRACT_CHARS = 400
_WIDTH = 76  # characters of a line of plain text


# ---- what a mail tells -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """One saved search in a mail: keys of papers not told before, and how many of its papers stand further up."""

    search: SavedSearch
    keys: tuple[str, ...] = ()
    n_above: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""  # why the query could not be read
    is_news: bool = False  # the problem has not been told yet


Outcome = Findings | str  # what a search found, or why its query cannot be read


def assemble(
    outcomes: Iterable[tuple[SavedSearch, Outcome]], *, sent: Iterable[str], told_problems: Iterable[str] = ()
) -> list[Section]:
    """Sections in the order of the searches, each paper in the first that found it and in none if it was sent.

    ``told_problems`` are the ids of searches whose problem the reader has been told. Searches with nothing to say
    have no section.
    """
    before, told = set(sent), set(told_problems)
    above: set[str] = set()
    sections = []
    for search, outcome in outcomes:
        if isinstance(outcome, str):
            sections.append(Section(search, problem=outcome, is_news=search.ident not in told))
            continue
        fresh = [key for key in dict.fromkeys(outcome.keys) if key not in before]
        keys = tuple(key for key in fresh if key not in above)
        above.update(keys)
        if fresh:
            sections.append(Section(search, keys, len(fresh) - len(keys), outcome.notes))
    return sections


def is_worth_a_mail(sections: Sequence[Section]) -> bool:
    """Whether there is news: a paper, or a problem not told before."""
    return any(section.keys or section.is_news for section in sections)


def told_keys(sections: Sequence[Section]) -> list[str]:
    return [key for section in sections for key in section.keys]


def looked_from(
    search: SavedSearch, known: Mapping[str, str], *, checked_at: datetime | None, now: datetime
) -> datetime:
    """The moment from which papers count as new for a search.

    ``known`` is what was remembered of it: ``query`` and ``since``. A search first met, or with another query than
    before, is followed from when its reader saved it, at most :data:`OVERLAP` ago.
    """
    since = followed_since(search, known, now=now)
    return max(since, (checked_at or since) - OVERLAP)


def followed_since(search: SavedSearch, known: Mapping[str, str], *, now: datetime) -> datetime:
    if known.get("query") == search.query and "since" in known:
        return datetime.fromisoformat(known["since"])
    return min(max(search.saved_at, now - OVERLAP), now)


def last_due(now: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The last moment at which the clock of ``zone`` struck ``hour``: looks before it are of another day."""
    local = now.astimezone(zone)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


# ---- its words ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that a mail needs. ``site`` is the site's own, without a slash at its end."""

    site: str
    unsubscribe: str

    def search(self, query: str) -> str:
        return f"{self.site}{reverse('search:search_papers')}?q={quote(query, safe='')}&sort=newest"

    @property
    def searches(self) -> str:
        return f"{self.site}{reverse('collections:list_searches')}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a mail; all of it plain text."""

    title: str
    authors: str
    where: str
    address: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section written out."""

    heading: str
    query: str
    address: str
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


def compose(sections: Sequence[Section], papers: Mapping[str, Paper], links: Links, *, site_name: str) -> Mail:
    """The mail in the language that is active. ``papers`` holds those to be shown; others were deleted meanwhile."""
    parts = [_part(section, papers, links) for section in sections]
    context = {"parts": parts, "links": links, "site_name": site_name, "ending": _ending(site_name)}
    return Mail(
        subject=subject_of(sections),
        text=_write_text(parts, links, site_name),
        html=render_to_string("people/alerts_mail.html", context),
    )


def shown_keys(sections: Sequence[Section]) -> list[str]:
    """Keys of the papers that the mail writes out."""
    return [key for section in sections for key in section.keys[:SHOWN]]


def subject_of(sections: Sequence[Section]) -> str:
    telling = [section for section in sections if section.keys]
    n_papers = len(told_keys(sections))
    if not telling:
        return _("A saved search has an invalid query")
    if len(telling) > 1:
        return _("%(papers)s for %(searches)d searches") % {"papers": _n_new(n_papers), "searches": len(telling)}
    return f"{_n_new(n_papers)}: {_one_line(telling[0].search.title)[:120]}"


def _n_new(n: int) -> str:
    return ngettext("%(n)d new paper", "%(n)d new papers", n) % {"n": n}


def _part(section: Section, papers: Mapping[str, Paper], links: Links) -> Part:
    search = section.search
    entries = tuple(_entry(papers[key], links) for key in section.keys[:SHOWN] if key in papers)
    return Part(
        heading=_one_line(search.title),
        query=_one_line(search.query),
        address=links.search(search.query),
        entries=entries,
        remarks=tuple(_remarks(section)),
    )


def _remarks(section: Section) -> Iterable[str]:
    if section.problem:
        yield _("This query is no longer valid: %(problem)s") % {"problem": section.problem}
        yield _("Correct the query in your saved searches; until then this search finds nothing.")
    if n_more := max(0, len(section.keys) - SHOWN):
        yield ngettext("And %(n)d more, newest first:", "And %(n)d more, newest first:", n_more) % {"n": n_more}
    if section.n_above:
        yield ngettext(
            "%(n)d matching paper is already listed above.",
            "%(n)d matching papers are already listed above.",
            section.n_above,
        ) % {"n": section.n_above}
    yield from section.notes


def _entry(paper: Paper, links: Links) -> Entry:
    card = Card(paper)
    names = [_one_line(name) for name in paper.authors[:AUTHORS_SHOWN]]
    more = " et al." if len(paper.authors) > AUTHORS_SHOWN else ""
    venue = f"{paper.venue.slug} {paper.venue_year or ''}".strip() if paper.venue else ""
    day = date_format(card.date, "DATE_FORMAT") if card.date else ""
    return Entry(
        title=_one_line(plain_text(paper.title)) or paper.key,
        authors=", ".join(names) + more,
        where=" · ".join(part for part in (venue, " ".join(paper.categories[:3]), day) if part),
        address=f"{links.site}{card.path}",
        abstract=textwrap.shorten(plain_text(paper.abstract), ABSTRACT_CHARS, placeholder=" …"),
    )


def _write_text(parts: Sequence[Part], links: Links, site_name: str) -> str:
    blocks = []
    for part in parts:
        head = part.heading if part.heading == part.query else f"{part.heading}\n{part.query}"
        blocks.append(f"{head}\n{'=' * min(_WIDTH, max(map(len, head.splitlines())))}")
        blocks += [_entry_text(number, entry) for number, entry in enumerate(part.entries, start=1)]
        if part.remarks:
            blocks.append("\n".join([*map(_wrapped, part.remarks), part.address]))
    about = [
        _wrapped(_ending(site_name)),
        _("Saved searches:"),
        links.searches,
        _("Unsubscribe:"),
        links.unsubscribe,
    ]
    return "\n\n".join([*blocks, "-- \n" + "\n".join(about)]) + "\n"


def _entry_text(number: int, entry: Entry) -> str:
    lines = [f"{number}. {entry.title}", entry.authors, entry.where, entry.address, _wrapped(entry.abstract)]
    return textwrap.indent("\n".join(line for line in lines if line), "   ").strip()


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH - 3, break_long_words=False, break_on_hyphens=False)


def _ending(site_name: str) -> str:
    return _("You receive this e-mail because you follow saved searches on %(site)s.") % {"site": site_name}


def _one_line(text: str) -> str:
    return " ".join(text.split())
