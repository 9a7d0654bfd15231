"""The page for what is not there: says what was looked for, and what is near."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from coolpapers.papers.lookup.selectors import count_venues, find_paper, known_codes, papers_by_pks
from coolpapers.papers.models import Paper, PaperSource, latest_revision
from coolpapers.papers.names.permalinks import category_path, clean_spec, paper_path
from search.vocabulary.categories import category_name
from search.vocabulary.identifier_forms import Identifier
from search.vocabulary.identifiers import parse_identifier

N_NEAR = 6  # suggestions shown
_MIN_LIKENESS = 60  # of 100; below it a suggestion is noise
_N_CANDIDATES = 20_000  # idents compared at most: a month of all arXiv is about that

Suggestion = tuple[str, str, str]  # label, what it is, address


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: any address that is none of ours."""
    text = clean_spec(unquote(request.path)).strip("/")
    identifier = parse_identifier(text) or parse_identifier(text.rsplit("/", 1)[-1])
    paper = find_paper(identifier) if identifier else None
    near = [(paper.title, "", paper_path(paper))] if paper else []
    # A view's own words are for people; Django's are for developers.
    words = str(exception.args[0]) if isinstance(exception, Http404) and exception.args else ""
    message = words if words and "tried" not in words else _("There is no page at this address.")
    return render_missing(request, message, text, near)


def place_missing(request: HttpRequest, text: str, error: Exception) -> HttpResponse:
    """No category and no venue is called that."""
    code = getattr(error, "code", text)
    revision = latest_revision()
    codes = [
        (code, category_name(code), category_path(code)) for code in _nearest(code, known_codes(revision=revision))
    ]
    idents = {venue.ident: venue for venue in count_venues(revision=revision)}
    venues = [(ident, idents[ident].name, idents[ident].path) for ident in _nearest(text, list(idents))]
    is_venue = request.path.startswith("/venue/")
    near = venues + codes if is_venue else codes + venues
    message = _("Unknown venue or category “%(name)s”.") % {"name": code[:80]}
    return render_missing(request, message, text, near[:N_NEAR])


def paper_missing(request: HttpRequest, identifier: Identifier | None, text: str) -> HttpResponse:
    """The page of a paper that is not in the library."""
    message = _("“%(name)s” is not in this library.") % {"name": text[:80]}
    elsewhere = identifier.value if identifier and identifier.source == "arxiv" else ""
    return render_missing(request, message, text, _near_papers(identifier, text), elsewhere=elsewhere)


def _near_papers(identifier: Identifier | None, text: str) -> list[Suggestion]:
    """Papers whose ident differs by a slip of the finger."""
    ident = identifier.value if identifier else text.rsplit("@", 1)[0]
    start = ident[:4]
    rows = PaperSource.objects.filter(ident__gte=start, ident__lt=start + "\U0010ffff")
    pks = dict(rows.values_list("ident", "paper_id")[:_N_CANDIDATES])
    if identifier and identifier.source == "arxiv":
        papers = Paper.objects.filter(arxiv_id__gte=start, arxiv_id__lt=start + "\U0010ffff")
        pks |= dict(papers.values_list("arxiv_id", "pk")[:_N_CANDIDATES])
    near = _nearest(ident, list(pks))
    found = {paper.pk: paper for paper in papers_by_pks([pks[name] for name in near])}
    return [(name, found[pks[name]].title, paper_path(found[pks[name]])) for name in near if pks[name] in found]


def _nearest(text: str, names: Sequence[str]) -> list[str]:
    matches = process.extract(
        text[:80], names, scorer=fuzz.ratio, processor=str.lower, limit=N_NEAR, score_cutoff=_MIN_LIKENESS
    )
    return [name for name, _likeness, _at in matches]


def render_missing(
    request: HttpRequest, message: str, text: str, near: Sequence[Suggestion], *, elsewhere: str = ""
) -> HttpResponse:
    """The page itself: what was looked for, what is near, and where else it may be (an arXiv id)."""
    context = {"message": message, "looked_for": text[:200], "near": near, "elsewhere": elsewhere}
    return render(request, "papers/not_found.html", context, status=404)
