from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

CHANGES = [
    {},
    {"skip": None},
    {"q": None},
    {"q": None, "skip": None, "a": None},
    {"sort": "newest", "skip": None},
    {"q": "x & y", "skip": 25},
    {"a": "b", "start": 0},
    {"a": ""},
]


def both(address: str, changes: dict[str, Any]) -> tuple[str, str]:
    arguments = " ".join(f"{name}={name}_" for name in changes)
    values = {f"{name}_": value for name, value in changes.items()}
    request = RequestFactory().get(address)
    theirs = Template("{% querystring " + arguments + " %}")
    ours = Template("{% load parameters %}{% parameters_with " + arguments + " %}")
    context = RequestContext(request, values)
    html = ours.render(context)
    assert html == ours.render(context)  # what is kept for the request is not changed
    return html, theirs.render(context)


@pytest.mark.parametrize("changes", CHANGES)
@pytest.mark.parametrize(
    "address",
    [
        "/search",
        "/search?q=graph",
        "/search?q=%22a+b%22+%26+%3Cc%3E+%E5%9B%BE&skip=25&sort=oldest",
        "/search?a=1&a=2&q=&a=%20~%2F'",
        "/search?skip=50",
        "/search?%E5%9B%BE=x&q=%FF",
    ],
)
def test_links_are_those_of_django(address: str, changes: dict[str, Any]) -> None:
    ours, theirs = both(address, changes)
    assert ours == theirs


def test_values_are_escaped_for_html() -> None:
    context = Context({"request": RequestFactory().get("/search?q=a&page=2")})
    assert Template("{% load parameters %}{% parameters_with x='<' %}").render(context) == "?q=a&amp;page=2&amp;x=%3C"
