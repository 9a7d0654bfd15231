"""The page of the JSON API in a real browser: read by axe-core, on a desk and a phone, in both themes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site.test_access import DESK, PHONE, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, scheme: Any, size: Any) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    assert look(page, "/api/v1/") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_footer_leads_to_it(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="API").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("API")
    expect(page.get_by_text("GET /api/v1/search")).to_be_visible()
