"""Searches as arXiv's pages address them, redirected to ours: the form, the advanced form and ``/find``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from coolpapers.finding.pages.views import show_results
from search.vocabulary.categories import ARCHIVES, category_group

# A field of arXiv's forms → ours; "all" and unknown ones search everywhere.
_FIELDS = {
    "title": "ti", "author": "au", "abstract": "abs", "comments": "co", "journal_ref": "jr", "report_num": "rn",
    "paper_id": "id", "identifier": "id", "doi": "doi",
}  # fmt: skip
_ORDERS = {
    "-announced_date_first": "newest",
    "-submitted_date": "newest",
    "announced_date_first": "oldest",
    "submitted_date": "oldest",
}
# Subjects of the advanced form → groups of archives.
_SUBJECTS = {
    "computer_science": "cs", "mathematics": "math", "statistics": "stat", "economics": "econ", "eess": "eess",
    "q_biology": "q-bio", "q_finance": "q-fin", "physics": "physics",
}  # fmt: skip
_MAX_TERMS = 20
_FIND_FIELD = re.compile(r"\b(all|ti|au|abs|co|jr|rn|id|cat|subj|acm|msc):\s*", re.IGNORECASE)
_FIND_SKIPPED = {"all", "subj", "acm", "msc"}


def show_search(request: HttpRequest, archive: str = "") -> HttpResponseBase:
    """``/search/?query=…&searchtype=author`` and ``/search/cs?query=…``; ours where nothing says otherwise."""
    field = request.GET.get("searchtype", "")
    text = (request.GET.get("query") or request.GET.get("q") or "").strip()
    if not archive and (field in ("", "all") or not text):
        return show_results(request)
    parameters = {"q": _in_field(field, text) if text else ""}
    if archive in (*ARCHIVES, *_SUBJECTS.values()) or "." in archive:
        parameters["q"] = _within(parameters["q"], [archive])
    return _to_search(parameters | _order(request.GET))


def show_advanced_search(request: HttpRequest) -> HttpResponse:
    """``/search/advanced?terms-0-term=…``: the terms with their operators, classes and dates."""
    parameters = request.GET
    query = ""
    for n in range(_MAX_TERMS):
        term = parameters.get(f"terms-{n}-term", "").strip()
        if not term:
            continue
        clause = _in_field(parameters.get(f"terms-{n}-field", ""), term)
        operator = parameters.get(f"terms-{n}-operator", "AND")
        query = _joined(query, clause, operator)
    groups = [group for name, group in _SUBJECTS.items() if parameters.get(f"classification-{name}")]
    query = _within(query, groups)
    days = {"from": parameters.get("date-from_date", ""), "to": parameters.get("date-to_date", "")}
    if year := parameters.get("date-year", ""):
        days = {"from": year, "to": year}
    return _to_search({"q": query, **{name: day for name, day in days.items() if day}} | _order(parameters))


def show_found(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001
    """``/find/<group>/1/<query>/0/1/0/all/0/1``, as old links to authors are written: ``au:+LeCun_Y``."""
    parts = unquote(rest).strip("/").split("/")
    group, query = parts[0], parts[2] if len(parts) > 2 else ""
    words = _FIND_FIELD.sub(
        lambda found: "" if found[1].lower() in _FIND_SKIPPED else f"{found[1]}:", query.replace("+", " ")
    )
    operator, _blank, operands = words.strip().partition(" ")
    if operator in ("AND", "OR"):  # written before its operands
        words = f" {operator} ".join(operands.split()) if operator == "OR" else operands
    text, archive = " ".join(words.split()), group.removeprefix("grp_")
    is_known = archive in ARCHIVES or archive in _SUBJECTS.values()
    return _to_search({"q": _within(text, [archive]) if text and is_known else text})


def _within(query: str, groups: Sequence[str]) -> str:
    """The query within groups of archives; "physics" has a dozen of them."""
    if not groups:
        return query
    archives = [code for code in sorted(ARCHIVES) if code in groups or category_group(code) in groups]
    codes = archives or list(groups)
    return f"({query}) cat:{','.join(codes)}" if " OR " in query else f"{query} cat:{','.join(codes)}".strip()


def _joined(query: str, clause: str, operator: str) -> str:
    if operator == "NOT":
        return f"{query} -{clause}".strip()
    return f"{query} OR {clause}" if query and operator == "OR" else f"{query} {clause}".strip()


def _in_field(field: str, text: str) -> str:
    """``ti:graphs``, ``ti:(graph networks)``, ``au:"LeCun, Y"``; the text alone where the field is none of ours."""
    name = _FIELDS.get(field, "")
    if not name:
        return text
    if name == "au" or " " not in text:
        return f'{name}:"{text}"' if " " in text else f"{name}:{text}"
    return f"{name}:({text})"


def _order(parameters: Mapping[str, str]) -> dict[str, str]:
    sort = _ORDERS.get(parameters.get("order", ""), "")
    slices = {"skip": parameters.get("start", ""), "show": parameters.get("size", "")}
    return {name: value for name, value in {"sort": sort, **slices}.items() if value}


def _to_search(parameters: Mapping[str, str]) -> HttpResponse:
    given = {name: value for name, value in parameters.items() if value}
    path = reverse("search:search_papers")
    return HttpResponseRedirect(f"{path}?{urlencode(given)}" if given else path)
