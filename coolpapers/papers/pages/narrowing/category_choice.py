"""``/arxiv/``: each category in the set, not in it, or neither, with a live count and the address of the set."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from coolpapers.papers.lookup.selectors import count_categories, count_days, known_codes
from coolpapers.papers.models import latest_revision
from coolpapers.papers.names.category_sets import (
    EVERYTHING,
    MAX_CODES,
    CategorySet,
    TooManyCategories,
    UnknownCategory,
    parse_category_set,
)
from coolpapers.papers.pages.home import group_categories


@dataclass(frozen=True, slots=True)
class Choice:
    """Codes that are in the set, and codes that are not in it."""

    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.included or self.excluded)

    @property
    def text(self) -> str:
        """The set as in an address: ``cs.AI,cs.CL-cs.CY``, ``all-cs.CY``."""
        return ",".join(self.included or [EVERYTHING]) + "".join(f"-{code}" for code in self.excluded)

    @property
    def path(self) -> str:
        return reverse("papers:show_arxiv", args=[self.text])


def read_choice(parameters: QueryDict) -> Choice:
    """``cat=cs.AI&cat=cs.CL&not=cs.CY``. A code that is both is not in the set."""
    excluded = dict.fromkeys(code for code in parameters.getlist("not") if code)
    included = dict.fromkeys(code for code in parameters.getlist("cat") if code and code not in excluded)
    return Choice(tuple(included), tuple(excluded))


def choose_categories(request: HttpRequest) -> HttpResponse:
    """``/arxiv/``: the form, for htmx the count of a choice. Other requests with a choice are led to its address.

    ``edit=1`` shows the form with the choice.
    """
    choice, revision = read_choice(request.GET), latest_revision()
    is_fragment = bool(getattr(request, "htmx", False))
    if choice and not is_fragment and "edit" not in request.GET:
        return HttpResponseRedirect(choice.path)
    context = {"choice": choice, "max_codes": MAX_CODES, **_count(choice, revision=revision)}
    if not is_fragment:
        context["groups"] = group_categories(count_categories(revision=revision))
    response = render(request, "papers/_category_choice.html" if is_fragment else "papers/category_index.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _count(choice: Choice, *, revision: int) -> dict[str, object]:
    """The papers of the choice, or why there is none."""
    try:
        categories = parse_category_set(choice.text, known=known_codes(revision=revision))
    except TooManyCategories:
        return {"is_too_long": True}
    except UnknownCategory as error:
        return {"unknown": error.code}
    return {"categories": categories, "total": _total(categories, revision=revision)}


def _total(categories: CategorySet, *, revision: int) -> int:
    return sum(day.n_papers for day in count_days(categories, revision=revision))
