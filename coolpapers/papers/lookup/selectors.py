"""What pages read from the catalogue: papers by identifier, lists by category and day, venues, counts.

Counts over the whole library are remembered until the library changes (its revision is part of the cache
key), so that a page costs a handful of short queries. Lists are read in two steps, row numbers in order
first and the papers of one page after, because sorting full rows would drag every abstract along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from coolpapers.papers.lookup.cached_counts import cached_count
from coolpapers.papers.models import Category, DateOrFirst, Paper, PaperCategory, PaperSource, TitleStart, Venue
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet, Step
from coolpapers.papers.names.permalinks import venue_path
from coolpapers.papers.names.venues import venue_label
from search.vocabulary.categories import ARCHIVES, CATEGORY_NAMES
from search.vocabulary.identifier_forms import SOURCE_BY_LABEL, SOURCE_LABELS, Identifier
from search.vocabulary.identifiers import alternatives

# Tracks that a venue's page shows first and last; all others stand between, by title.
_FIRST_TRACKS = ("oral", "spotlight")
_LAST_TRACKS = ("rejected", "withdrawn")


class DayCount(NamedTuple):
    day: date
    n_papers: int


class VenueYear(NamedTuple):
    slug: str
    name: str
    year: int | None
    n_papers: int

    @property
    def ident(self) -> str:
        """The venue and year as in an address: ``ICLR.2025``."""
        return f"{self.slug}.{self.year}" if self.year else self.slug

    @property
    def series(self) -> str:
        """The text that pages show for the venue without its year."""
        return venue_label(self.slug, self.name)

    @property
    def label(self) -> str:
        """The text that pages show: ``ICLR 2025``."""
        return f"{self.series} {self.year}" if self.year else self.series

    @property
    def path(self) -> str:
        return venue_path(self.slug, self.year)


# ---- papers one by one -------------------------------------------------------------------------------


def with_sources(papers: QuerySet[Paper]) -> QuerySet[Paper]:
    """Papers with all that a card shows: venue and sources."""
    return papers.select_related("venue").prefetch_related("sources")


def papers_by_pks(pks: Sequence[int]) -> list[Paper]:
    """The papers with these row numbers, in this order; those gone meanwhile are left out."""
    found = with_sources(Paper.objects.all()).in_bulk(list(pks))
    return [found[pk] for pk in pks if pk in found]


def papers_by_keys(keys: Iterable[str]) -> dict[str, Paper]:
    """Papers by key, with what :func:`with_sources` reads; keys that the library does not have are left out."""
    papers = list(Paper.objects.filter(key__in=list(keys)).select_related("venue"))
    _attach_sources(papers)
    return {paper.key: paper for paper in papers}


def _attach_sources(papers: Sequence[Paper]) -> None:
    """As ``prefetch_related("sources")``, which builds the manager's query for each paper: half of the time to read."""
    rows = PaperSource.objects.filter(paper__in=[paper.pk for paper in papers])
    by_paper: dict[int, list[PaperSource]] = {paper.pk: [] for paper in papers}
    for source in rows:
        by_paper[source.paper_id].append(source)
    for paper in papers:
        sources = PaperSource.objects.all()
        sources._result_cache = by_paper[paper.pk]
        paper._prefetched_objects_cache = {"sources": sources}  # type: ignore[attr-defined] # Django's place for it


def find_papers(identifiers: Sequence[Identifier]) -> dict[str, Paper]:
    """Papers by the ``key`` of the identifier that names them; those that we lack are left out."""
    wanted = {identifier.key: [identifier, *alternatives(identifier)] for identifier in identifiers}
    names = [name for several in wanted.values() for name in several]
    pks = _paper_pks(names)
    papers = {paper.pk: paper for paper in papers_by_pks(list(set(pks.values())))}
    found: dict[str, Paper] = {}
    for key, several in wanted.items():
        pk = next((pks[name.key] for name in several if name.key in pks), None)
        if pk in papers:
            found[key] = papers[pk]
    return found


def find_paper(identifier: Identifier) -> Paper | None:
    return find_papers([identifier]).get(identifier.key)


def find_paper_at(ident: str, label: str) -> Paper | None:
    """The paper that ``<ident>@<label>`` means in an address; labels are read in any case."""
    source = SOURCE_BY_LABEL.get(label.lower())
    if source in ("arxiv", "doi"):  # known by the paper's own fields too
        return find_paper(Identifier(source, ident))
    rows = PaperSource.objects.filter(ident=ident).values_list("source", "paper_id")
    # Sources without a label of their own are all shown as @File.
    fitting = [pk for name, pk in rows if name == source or (source == "file" and name not in SOURCE_LABELS)]
    if not fitting and source == "file":
        fitting = list(Paper.objects.filter(key=ident).values_list("pk", flat=True))
    return next(iter(papers_by_pks(fitting[:1])), None)


def _paper_pks(names: Sequence[Identifier]) -> dict[str, int]:
    """Row numbers of papers by identifier key, looked up among papers' own fields and their sources' idents."""
    pks: dict[str, int] = {}
    by_source: dict[str, list[str]] = {}
    for name in names:
        by_source.setdefault(name.source, []).append(name.value)
    for source, values in by_source.items():
        rows = PaperSource.objects.filter(source=source, ident__in=values).values_list("ident", "paper_id")
        pks |= {f"{source}:{value}": pk for value, pk in rows}
        if source in ("arxiv", "doi"):
            field = "arxiv_id" if source == "arxiv" else "doi"
            named = Paper.objects.filter(**{f"{field}__in": values}).values_list(field, "pk")
            pks |= {f"{source}:{value}": pk for value, pk in named}
    return pks


# ---- lists by category and day -----------------------------------------------------------------------


def known_codes(*, revision: int) -> tuple[str, ...]:
    """Every category and archive that an address may name: the library's and arXiv's."""

    def read() -> tuple[str, ...]:
        ours = set(Category.objects.values_list("code", flat=True))
        return tuple(sorted(ours | set(CATEGORY_NAMES) | ARCHIVES))

    return cached_count("codes", read, revision=revision)


def papers_in(categories: CategorySet, *, walking: bool = False) -> QuerySet[Paper]:
    """Every paper in the set, cross-listed ones in each of their categories, in no order.

    ``walking`` fits lists that are read along an index of all papers and end early: each paper passed is looked up.
    Otherwise the set is gathered first, which fits small sets. :mod:`.list_pages` chooses for pages of long lists.
    """
    return papers_between(categories, None, None, walking=walking)


def papers_between(
    categories: CategorySet, first: date | None, last: date | None, *, walking: bool = False
) -> QuerySet[Paper]:
    """Papers of the set announced from ``first`` to ``last``, both included; None leaves that end open."""
    span = within_days(first, last)
    if walking:
        return Paper.objects.filter(matching(categories, is_member), span)
    # The days stand where the index of categories and days is read, and nowhere else: a condition on the papers
    # themselves would invite the database to walk all papers of these days.
    return Paper.objects.filter(matching(categories, partial(_in_members, span=span), dated=span))


def within_days(first: date | None, last: date | None) -> Q:
    """Rows announced from ``first`` to ``last``; None leaves that end open. All rows where both are."""
    span = Q()
    if first is not None:
        span &= Q(announced__gte=first)
    if last is not None:
        span &= Q(announced__lte=last)
    return span


def matching(categories: CategorySet, member: Callable[[QuerySet[Category]], Q], *, dated: Q | None = None) -> Q:
    """The condition for papers of the set; ``member`` gives that for papers in one of some categories.

    ``dated`` narrows the set of all dated papers.
    """
    found = Q(pk__in=[])
    for is_minus, steps in groupby(categories.steps, key=lambda step: step.is_minus):
        codes = [step.code for step in steps]
        fitting = Q(pk__in=[])
        if EVERYTHING in codes:
            fitting |= Q(announced__isnull=False) & (dated or Q())
        if named := [code for code in codes if code != EVERYTHING]:
            fitting |= member(categories_of(named))
        found = found & ~fitting if is_minus else found | fitting
    return found


def is_member(categories: QuerySet[Category]) -> Q:
    return Q(Exists(PaperCategory.objects.filter(paper=OuterRef("pk"), category__in=categories)))


def _in_members(categories: QuerySet[Category], *, span: Q) -> Q:
    return Q(pk__in=PaperCategory.objects.filter(span, category__in=categories).values("paper_id"))


def categories_of(codes: Iterable[str]) -> QuerySet[Category]:
    """The categories themselves and, for an archive such as ``math``, those in it."""
    wanted = Q()
    for code in codes:
        wanted |= Q(code=code) if "." in code else Q(code=code) | Q(code__startswith=f"{code}.")
    return Category.objects.filter(wanted)


def count_days(categories: CategorySet, *, revision: int) -> tuple[DayCount, ...]:
    """The days on which papers of the set were announced, newest first, with how many."""

    def count() -> tuple[DayCount, ...]:
        united, removed = _parted(categories)
        if removed is None:
            return _day_counts(papers_in(categories).filter(announced__isnull=False))
        if removed.steps:  # papers of both, less those to be removed: two unions, each read from the index alone
            n_removed = dict(count_days(removed, revision=revision))
            left = ((day, n - n_removed.get(day, 0)) for day, n in count_days(united, revision=revision))
            return tuple(DayCount(day, n) for day, n in left if n)
        codes = [step.code for step in categories.steps]
        if EVERYTHING in codes:
            return _day_counts(Paper.objects.filter(announced__isnull=False))
        return _count_union(list(categories_of(codes).order_by().values_list("pk", flat=True)))

    return cached_count(f"days:{categories}", count, revision=revision)


def _parted(categories: CategorySet) -> tuple[CategorySet, CategorySet | None]:
    """Sets of which the second is part of the first, and whose difference is the set; both are unions.

    The second is None for a set without such: where something joins after something has left.
    """
    signs = [step.is_minus for step in categories.steps]
    removed = tuple(Step(step.code) for step in categories.steps if step.is_minus)
    united = tuple(step for step in categories.steps if not step.is_minus)
    if signs != sorted(signs) or Step(EVERYTHING) in removed:
        return categories, None
    # All dated papers hold those to be removed: only dated ones are counted.
    joined = united if Step(EVERYTHING) in united else tuple(dict.fromkeys((*united, *removed)))
    return CategorySet(joined), CategorySet(removed)


def _count_union(pks: Sequence[int]) -> tuple[DayCount, ...]:
    rows = PaperCategory.objects.filter(category__in=pks, announced__isnull=False).order_by("-announced")
    # A paper has one row in a category.
    counted = rows.values_list("announced").annotate(n=Count("paper", distinct=len(pks) > 1))
    return tuple(DayCount(day, n_papers) for day, n_papers in counted if day is not None)


def _day_counts(papers: QuerySet[Paper]) -> tuple[DayCount, ...]:
    rows = papers.order_by("-announced").values_list("announced").annotate(n=Count("pk"))
    return tuple(DayCount(day, n_papers) for day, n_papers in rows if day is not None)


def sorted_papers(papers: QuerySet[Paper], sort: str) -> QuerySet[Paper]:
    """Order dated papers by a name in ``forms.LIST_SORTS``; the row number settles ties, so paging is stable."""
    if sort == "title":
        return papers.order_by(TitleStart("title"), "pk")
    if sort == "updated":
        return papers.order_by(DateOrFirst("updated").desc(), "-pk")
    # Without "nulls last", which would keep PostgreSQL from walking the index; these papers have a day.
    return papers.order_by("announced", "pk") if sort == "oldest" else papers.order_by("-announced", "-pk")


def page_of(papers: QuerySet[Paper], start: int, size: int) -> list[Paper]:
    """One page of an ordered list."""
    return papers_by_pks(list(papers.values_list("pk", flat=True)[start : start + size]))


# ---- venues ------------------------------------------------------------------------------------------


def count_venues(*, revision: int) -> tuple[VenueYear, ...]:
    """Every venue and year with its papers, venues by name, newest year first."""

    def count() -> tuple[VenueYear, ...]:
        rows = Paper.objects.filter(venue__isnull=False).values_list("venue_id", "venue_year").annotate(n=Count("pk"))
        venues = Venue.objects.in_bulk()
        counted = [
            VenueYear(venues[pk].slug, venues[pk].name, year, n_papers)
            for pk, year, n_papers in rows.order_by()
            if pk in venues
        ]
        return tuple(sorted(counted, key=lambda venue: (venue.slug.lower(), -(venue.year or 0))))

    return cached_count("venues", count, revision=revision)


def papers_at(venue: VenueYear, *, track: str = "") -> QuerySet[Paper]:
    """The papers of one venue and year, of one track where given (case does not matter)."""
    papers = Paper.objects.filter(venue__slug=venue.slug, venue_year=venue.year)
    return papers.filter(track__iexact=track) if track else papers


def sorted_at_venue(papers: QuerySet[Paper], sort: str) -> QuerySet[Paper]:
    """Order a venue's papers by a name in ``forms.VENUE_SORTS`` or by date.

    By default orals come first and rejected papers last, otherwise by title.
    """
    if sort == "title":
        return papers.order_by(Lower("title"), "pk")
    if sort in ("newest", "oldest", "updated"):
        field = F("updated" if sort == "updated" else "announced")
        by_day = field.asc(nulls_last=True) if sort == "oldest" else field.desc(nulls_last=True)
        return papers.order_by(by_day, "-pk")
    places = [When(track__iexact=track, then=Value(place)) for place, track in enumerate(_FIRST_TRACKS)]
    places += [When(track__iexact=track, then=Value(9)) for track in _LAST_TRACKS]
    place = Case(*places, default=Value(5), output_field=IntegerField())
    return papers.order_by(place, Lower("title"), "pk")


def count_tracks(venue: VenueYear) -> list[tuple[str, int]]:
    """Tracks of one venue and year with their papers, largest first; papers without a track are left out."""
    rows = papers_at(venue).exclude(track="").values_list("track").annotate(n=Count("pk")).order_by("-n", "track")
    return [(track, n_papers) for track, n_papers in rows]


# ---- the whole library -------------------------------------------------------------------------------


def count_categories(*, revision: int) -> Mapping[str, int]:
    """Papers by category code, the largest category first."""

    def count() -> dict[str, int]:
        rows = PaperCategory.objects.values_list("category_id").annotate(n=Count("pk")).order_by("-n")
        codes = dict(Category.objects.values_list("pk", "code"))
        return {codes[pk]: n_papers for pk, n_papers in rows if pk in codes}

    return cached_count("categories", count, revision=revision)


def count_papers(*, revision: int) -> int:
    return cached_count("papers", Paper.objects.count, revision=revision)
