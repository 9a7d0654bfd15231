"""The text of a digest mail, as plain text and HTML. Pure functions; start at :func:`compose`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.cards import Card
from coolpapers.people.alerts.sections import Section, reported_keys

MAX_ENTRIES = 30  # papers of one search written out in a mail; of the rest it gives the number
MAX_AUTHORS = 5
ABSTRACT_CHARS = 400
_WIDTH = 76  # characters per line of plain text


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that a mail needs. ``site`` is the address of the site without a trailing slash."""

    site: str
    unsubscribe: str

    def search(self, query: str) -> str:
        return f"{self.site}{reverse('search:search_papers')}?q={quote(query, safe='')}&sort=newest"

    @property
    def searches(self) -> str:
        return f"{self.site}{reverse('collections:list_searches')}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a mail; every field is plain text."""

    title: str
    authors: str
    where: str
    address: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section as text."""

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
    """Write the mail in the active language.

    ``papers`` holds the papers of :func:`shown_keys`; those deleted in the meantime are missing from it.
    """
    parts = [_part(section, papers, links) for section in sections]
    context = {"parts": parts, "links": links, "site_name": site_name, "reason": _reason(site_name)}
    return Mail(
        subject=subject_of(sections),
        text=_write_text(parts, links, site_name),
        html=render_to_string("people/digest_mail.html", context),
    )


def shown_keys(sections: Sequence[Section]) -> list[str]:
    """Keys of the papers that the mail writes out."""
    return [key for section in sections for key in section.keys[:MAX_ENTRIES]]


def subject_of(sections: Sequence[Section]) -> str:
    with_papers = [section for section in sections if section.keys]
    n_papers = len(reported_keys(sections))
    if not with_papers:
        return _("A saved search has an invalid query")
    if len(with_papers) > 1:
        return _("%(papers)s for %(searches)d searches") % {"papers": _n_new(n_papers), "searches": len(with_papers)}
    return f"{_n_new(n_papers)}: {_one_line(with_papers[0].search.title)[:120]}"


def _n_new(n: int) -> str:
    return ngettext("%(n)d new paper", "%(n)d new papers", n) % {"n": n}


def _part(section: Section, papers: Mapping[str, Paper], links: Links) -> Part:
    search = section.search
    entries = tuple(_entry(papers[key], links) for key in section.keys[:MAX_ENTRIES] if key in papers)
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
    if n_more := max(0, len(section.keys) - MAX_ENTRIES):
        yield ngettext("And %(n)d more, newest first:", "And %(n)d more, newest first:", n_more) % {"n": n_more}
    if section.n_listed_above:
        yield ngettext(
            "%(n)d matching paper is already listed above.",
            "%(n)d matching papers are already listed above.",
            section.n_listed_above,
        ) % {"n": section.n_listed_above}
    yield from section.notes


def _entry(paper: Paper, links: Links) -> Entry:
    card = Card(paper)
    names = [_one_line(name) for name in paper.authors[:MAX_AUTHORS]]
    et_al = " et al." if len(paper.authors) > MAX_AUTHORS else ""
    venue = f"{paper.venue.label} {paper.venue_year or ''}".strip() if paper.venue else ""
    day = date_format(card.date, "DATE_FORMAT") if card.date else ""
    return Entry(
        title=_one_line(plain_text(paper.title)) or paper.key,
        authors=", ".join(names) + et_al,
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
    footer = [
        _wrapped(_reason(site_name)),
        _("Saved searches:"),
        links.searches,
        _("Unsubscribe:"),
        links.unsubscribe,
    ]
    return "\n\n".join([*blocks, "-- \n" + "\n".join(footer)]) + "\n"


def _entry_text(number: int, entry: Entry) -> str:
    lines = [f"{number}. {entry.title}", entry.authors, entry.where, entry.address, _wrapped(entry.abstract)]
    return textwrap.indent("\n".join(line for line in lines if line), "   ").strip()


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH - 3, break_long_words=False, break_on_hyphens=False)


def _reason(site_name: str) -> str:
    return _("You receive this e-mail because you follow saved searches on %(site)s.") % {"site": site_name}


def _one_line(text: str) -> str:
    return " ".join(text.split())
