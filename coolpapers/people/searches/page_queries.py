"""Queries that stand for pages: a search page, a category list or a venue as text of the query language.

A saved search is such a text, so that readers can read, edit and follow it.
"""

from __future__ import annotations

from collections.abc import Sequence

from coolpapers.finding.pages.forms import SearchRequest
from coolpapers.papers.names.category_sets import EVERYTHING, CategorySet
from search.language.parser import parse_leniently
from search.language.query import Node, Or, Range
from search.language.unparse import unparse


def query_of_search(request: SearchRequest) -> str:
    """The query that finds what a search page shows: its text, with facets and days written out."""
    text = " ".join(request.text.split())
    filters = [_filter_text(node) for node in request.filters.nodes()]
    if not filters:
        return text
    if text and isinstance(parse_leniently(text).root, Or):
        text = f"({text})"
    return " ".join(filter(None, [text, *filters]))


def query_of_categories(categories: CategorySet) -> str:
    """The query of a category list, without its days; "" for the list of all papers."""
    query, alternatives = "", [] if categories.steps[0].code == EVERYTHING else [categories.steps[0].code]
    for step in categories.steps[1:]:
        if not step.is_minus:
            alternatives.append(step.code)
            continue
        query = " ".join(filter(None, [_with_categories(query, alternatives), f"-cat:{step.code}"]))
        alternatives = []
    return _with_categories(query, alternatives)


def query_of_venue(slug: str, year: int | None) -> str:
    return f'venue:"{slug} {year or ""}'.rstrip() + '"'


def _with_categories(query: str, codes: Sequence[str]) -> str:
    """The union of a query and some categories."""
    category_query = f"cat:{','.join(codes)}" if codes else ""
    return f"(({query}) OR {category_query})" if query and category_query else query or category_query


def _filter_text(node: Node) -> str:
    text = unparse(node)
    return f"({text})" if isinstance(node, Or) and any(isinstance(child, Range) for child in node.children) else text
