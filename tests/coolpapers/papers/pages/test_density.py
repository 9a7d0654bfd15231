from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from coolpapers.papers.pages.density import read_density, remember_density


@pytest.mark.parametrize(
    ("parameter", "cookie", "density"),
    [
        (None, None, "compact"),
        (None, "list", "list"),
        ("full", "list", "full"),
        ("tiny", "list", "list"),
        ("tiny", "<script>", "compact"),
    ],
)
def test_the_address_comes_before_the_cookie_and_unknown_names_are_ignored(
    parameter: str | None, cookie: str | None, density: str
) -> None:
    request = RequestFactory().get("/arxiv/all", {"density": parameter} if parameter else {})
    if cookie:
        request.COOKIES["density"] = cookie
    assert read_density(request) == density


def test_a_density_in_the_address_is_remembered() -> None:
    response = HttpResponse()
    remember_density(RequestFactory().get("/arxiv/all", {"density": "list"}), response)
    assert response.cookies["density"].value == "list"
    assert response.cookies["density"]["samesite"] == "Lax"


@pytest.mark.parametrize("parameters", [{}, {"density": "tiny"}])
def test_no_cookie_is_set_otherwise(parameters: dict[str, str]) -> None:
    response = HttpResponse()
    remember_density(RequestFactory().get("/arxiv/all", parameters), response)
    assert not response.cookies
