"""Sets: ``category:cs.CL``, ``venue:ICLR`` and ``venue:ICLR:2025``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.db.models import Exists, F, OuterRef, QuerySet

from coolpapers.api.oai.errors import OaiError
from coolpapers.papers.lookup.selectors import count_venues
from coolpapers.papers.models import Category, Paper, PaperCategory, Venue
from search.vocabulary.categories import arxiv_category_name

# Rows that are cheaper to sort than to look up along the whole library.
FEW_MEMBERS = 15_000
_OTHER = re.compile(r"[^A-Za-z0-9_.!*'()-]")
_YEAR = re.compile(r"\d{4}", re.ASCII)


class SetDescription(NamedTuple):
    spec: str
    name: str


def list_sets(*, revision: int) -> list[SetDescription]:
    """Every set of the library, categories first, each venue before its years."""
    return [*_category_sets(), *_venue_sets(revision)]


def _category_sets() -> Iterator[SetDescription]:
    for code, name in Category.objects.order_by("code").values_list("code", "name"):
        label = name or arxiv_category_name(code)
        yield SetDescription(category_spec(code), f"{code}: {label}" if label else code)


def _venue_sets(revision: int) -> Iterator[SetDescription]:
    slug = ""
    for venue in count_venues(revision=revision):
        if venue.slug != slug:
            slug = venue.slug
            yield SetDescription(venue_spec(slug), venue.series)
        if venue.year:
            yield SetDescription(venue_spec(slug, venue.year), venue.label)


def sets_of(paper: Paper) -> list[str]:
    """The sets of a paper, which must be loaded with its venue."""
    specs = [category_spec(code) for code in paper.categories]
    if paper.venue is None:
        return specs
    specs.append(venue_spec(paper.venue.slug))
    return [*specs, venue_spec(paper.venue.slug, paper.venue_year)] if paper.venue_year else specs


def category_spec(code: str) -> str:
    return f"category:{_encode(code)}"


def venue_spec(slug: str, year: int | None = None) -> str:
    return f"venue:{_encode(slug)}:{year}" if year else f"venue:{_encode(slug)}"


def in_set(papers: QuerySet[Paper], spec: str) -> QuerySet[Paper]:
    """Papers of a set in the order of their revisions. Raises OaiError for a set that does not exist."""
    kind, _, rest = spec.partition(":")
    name, _, year = rest.partition(":")
    if kind == "category" and not year:
        category = Category.objects.filter(code=_decode(name)).first()
        if category is not None:
            return _in_category(papers, category)
    elif kind == "venue" and (not year or _YEAR.fullmatch(year)):
        venue = Venue.objects.filter(slug=_decode(name)).first()
        if venue is not None:
            members = papers.filter(venue=venue, **({"venue_year": int(year)} if year else {}))
            return _ordered(members, is_small=_is_small(Paper.objects.filter(venue=venue)))
    raise OaiError("badArgument", f"there is no set {spec[:100]!r}; ListSets names all")


def _in_category(papers: QuerySet[Paper], category: Category) -> QuerySet[Paper]:
    rows = PaperCategory.objects.filter(category=category)
    if _is_small(rows):
        return _ordered(papers.filter(pk__in=rows.values("paper_id")), is_small=True)
    return _ordered(papers.filter(Exists(rows.filter(paper=OuterRef("pk")))), is_small=False)


def _is_small(rows: QuerySet[Any]) -> bool:
    return len(rows.order_by().values_list("pk")[: FEW_MEMBERS + 1]) <= FEW_MEMBERS


def _ordered(papers: QuerySet[Paper], *, is_small: bool) -> QuerySet[Paper]:
    """A small set is gathered and sorted; a large one is met soon enough along the index of revisions."""
    if is_small:  # the sum keeps the database from walking that index
        return papers.alias(place=F("revision") + 0).order_by("place", "pk")
    return papers.order_by("revision", "pk")


def _encode(name: str) -> str:
    """Sets take few characters: the bytes of others, in UTF-8, are written as ``~e9``."""
    return _OTHER.sub(lambda match: "".join(f"~{byte:02x}" for byte in match[0].encode()), name)


def _decode(name: str) -> str:
    return unquote(re.sub(r"~(?=[0-9a-fA-F]{2})", "%", name))
