from __future__ import annotations

import pytest
from django.conf import settings
from django.test import RequestFactory

from coolpapers.papers.pages.context import site


@pytest.mark.parametrize("address", ["/search?q=trees", "/search?query=trees"])
def test_the_query_is_shown_in_the_search_box(address: str) -> None:
    context = site(RequestFactory().get(address))
    assert (context["search_text"], context["site_name"]) == ("trees", settings.SITE_NAME)
