"""Contents of papers as rows of the catalogue's tables, and back. :mod:`.writing` decides what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.importing.tables import as_date, as_json, as_time, insert_rows, select_in, update_rows
from coolpapers.papers.models import Category, Paper, PaperCategory, PaperSource, PaperVersion, Venue
from coolpapers.papers.records.record import PAPER_FIELDS, Record, Version, digest
from search.vocabulary.categories import arxiv_category_name

_DATES = ("submitted", "updated", "announced")
_LISTS = ("authors", "categories", "keywords", "editors", "affiliations", "report_numbers", "sort_names")
_VENUE = ("venue_slug", "venue_name")
_NULLS = frozenset({*_DATES, "year", "venue_year", "n_citations"})
_EMPTY: Mapping[str, Any] = {
    name: [] if name in _LISTS else None if name in _NULLS else False if name == "withdrawn" else ""
    for name in PAPER_FIELDS
}
# Columns that content fills under their own name.
_PLAIN = tuple(name for name in PAPER_FIELDS if name not in {*_DATES, *_LISTS, *_VENUE})
_COLUMNS = (*_PLAIN, *_DATES, *_LISTS, "venue", "match_key", "content_hash", "revision", "modified_at")
_SOURCE_STATE = ("paper", "content_hash", "record", "title_key", "authors_key", "doi")
_SOURCE_COLUMNS = (*_SOURCE_STATE, "source", "ident", "key", "page_url", "pdf_url")

Content = Mapping[str, Any]


class PaperContent(NamedTuple):
    """A paper's content with what is computed of it."""

    content: Content
    match_key: str
    content_hash: str

    @classmethod
    def of(cls, content: Content) -> PaperContent:
        return cls(content, keys_of(content["title"], content["authors"]).match, digest(content))


class SourceState(NamedTuple):
    """What changes in a source row. ``record`` is what it says where its paper has several sources, else None."""

    paper_id: int
    content_hash: str
    record: Content | None
    title_key: int | None
    authors_key: int | None
    doi: str


class PaperTables:
    """Writes rows; keeps the ids of venues and categories, which are few, between batches."""

    def __init__(self, *, now: datetime) -> None:
        self._now = as_time(now)
        self._venues: dict[str, int] = {}
        self._categories: dict[str, int] = {}

    def insert_papers(self, contents: Mapping[str, PaperContent], *, first_revision: int) -> dict[str, int]:
        """Insert new papers, contents by key, with revisions counted from the first; return the primary keys by key."""
        self._know_names([content.content for content in contents.values()])
        insert_rows(
            Paper,
            (*_COLUMNS, "key", "edited", "created_at"),
            (
                (*self._row(content, first_revision + n), key, "[]", self._now)
                for n, (key, content) in enumerate(contents.items())
            ),
        )
        ids = dict(select_in(Paper, ("key", "pk"), "key", contents))
        self._insert_categories((ids[key], content.content) for key, content in contents.items())
        return ids

    def update_papers(self, contents: Mapping[int, PaperContent], *, first_revision: int) -> None:
        """Write new contents of papers, by primary key, and put their category rows right."""
        self._know_names([content.content for content in contents.values()])
        rows = ((*self._row(content, first_revision + n), pk) for n, (pk, content) in enumerate(contents.items()))
        update_rows(Paper, _COLUMNS, rows)
        PaperCategory.objects.filter(paper_id__in=contents).delete()
        self._insert_categories((pk, content.content) for pk, content in contents.items())

    def insert_sources(self, rows: Iterable[tuple[SourceState, Record]]) -> None:
        """Insert source rows of records."""
        insert_rows(
            PaperSource,
            _SOURCE_COLUMNS,
            (
                (*_prepared(state), record.source, record.ident, record.key, record.page_url, record.pdf_url)
                for state, record in rows
            ),
        )

    def update_sources(self, rows: Iterable[tuple[SourceState, int]]) -> None:
        """Write new states of source rows, by primary key."""
        update_rows(PaperSource, _SOURCE_STATE, ((*_prepared(state), pk) for state, pk in rows))

    def replace_versions(self, rows: Mapping[int, Iterable[Version]]) -> None:
        """Write the versions of papers, by primary key, in place of those that are there."""
        PaperVersion.objects.filter(paper_id__in=rows).delete()
        self.insert_versions((pk, version) for pk, versions in rows.items() for version in versions)

    def insert_versions(self, rows: Iterable[tuple[int, Version]]) -> None:
        """Insert versions that are not there yet."""
        insert_rows(
            PaperVersion,
            ("paper", "number", "date", "note"),
            ((pk, version.number, as_date(version.date), version.note[:200]) for pk, version in rows),
            ignore_conflicts=True,
        )

    def _row(self, paper: PaperContent, revision: int) -> tuple[Any, ...]:
        content = paper.content
        slug = content["venue_slug"]
        return (
            *map(content.__getitem__, _PLAIN),
            *map(as_date, map(content.__getitem__, _DATES)),
            *(as_json(content[name]) for name in _LISTS),
            self._venues[slug.lower()] if slug else None,
            paper.match_key,
            paper.content_hash,
            revision,
            self._now,
        )

    def _insert_categories(self, contents: Iterable[tuple[int, Content]]) -> None:
        insert_rows(
            PaperCategory,
            ("paper", "category", "position", "announced"),
            (
                (pk, self._categories[code], position, as_date(content["announced"]))
                for pk, content in contents
                for position, code in enumerate(content["categories"])
            ),
        )

    def _know_names(self, contents: Iterable[Content]) -> None:
        """Fetch or create the venues and categories that the contents name."""
        slugs: dict[str, tuple[str, str]] = {}
        codes: set[str] = set()
        for content in contents:
            if content["venue_slug"]:
                slugs.setdefault(content["venue_slug"].lower(), (content["venue_slug"], content["venue_name"]))
            codes.update(content["categories"])
        if slugs.keys() - self._venues.keys():
            self._know_venues(slugs)
        if codes - self._categories.keys():
            Category.objects.bulk_create(
                [Category(code=code, name=arxiv_category_name(code)) for code in sorted(codes)], ignore_conflicts=True
            )
            self._categories = dict(Category.objects.order_by().values_list("code", "pk"))

    def _know_venues(self, slugs: Mapping[str, tuple[str, str]]) -> None:
        """Slugs that differ in case only are one venue, under the spelling met first."""
        self._venues = {slug.lower(): pk for slug, pk in Venue.objects.order_by().values_list("slug", "pk")}
        missing = [Venue(slug=slug, name=name[:200]) for low, (slug, name) in slugs.items() if low not in self._venues]
        if missing:
            Venue.objects.bulk_create(missing)
            self._venues = {slug.lower(): pk for slug, pk in Venue.objects.order_by().values_list("slug", "pk")}


def content_of_paper(paper: Paper) -> dict[str, Any]:
    """What the paper's row says, in the form of a record's content; ``paper.venue`` should be selected with it."""
    content = {name: getattr(paper, name) for name in (*_PLAIN, *_DATES, *_LISTS)}
    content["sort_names"] = content["sort_names"] or []
    content["venue_slug"] = paper.venue.slug if paper.venue else ""
    content["venue_name"] = paper.venue.name if paper.venue else ""
    return {name: content[name] for name in PAPER_FIELDS}


def content_from_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """A source row's record as it was before it went into the database."""
    content = {name: record.get(name, _EMPTY[name]) for name in PAPER_FIELDS}  # a field can be newer than the row
    content.update((name, date.fromisoformat(content[name])) for name in _DATES if content[name])
    return content


def versions_from_json(record: Mapping[str, Any]) -> list[Version] | None:
    """The versions of a source row's record; None where it was written before they were kept with it."""
    stored = record.get("versions")
    if stored is None:
        return None
    return [Version(number, date.fromisoformat(day) if day else None, note) for number, day, note in stored]


def with_versions(content: Content, versions: Iterable[Version]) -> dict[str, Any]:
    """What a source row keeps of a record: its content and its versions."""
    return {**content, "versions": [(version.number, version.date, version.note) for version in versions]}


def _prepared(state: SourceState) -> tuple[Any, ...]:
    record = None if state.record is None else as_json(state.record)
    return (state.paper_id, state.content_hash, record, state.title_key, state.authors_key, state.doi)
