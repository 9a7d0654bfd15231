from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from coolpapers.papers.pages.context import STYLE_SHEETS, site


def test_every_style_sheet_is_there_and_listed() -> None:
    assert all(finders.find(sheet) for sheet in STYLE_SHEETS)


@pytest.mark.parametrize("address", ["/search?q=trees", "/search?query=trees"])
def test_the_query_is_shown_in_the_search_box(address: str) -> None:
    context = site(RequestFactory().get(address))
    assert (context["search_text"], context["site_name"]) == ("trees", settings.SITE_NAME)


def test_style_sheets_use_only_variables_that_are_defined() -> None:
    folder = Path(settings.BASE_DIR) / "static" / "css"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.css")}
    defined = {name for text in texts.values() for name in re.findall(r"(--[\w-]+)\s*:", text)}
    # A variable with a fallback may be undefined.
    used = {(file, name) for file, text in texts.items() for name in re.findall(r"var\((--[\w-]+)\)", text)}
    assert {(file, name) for file, name in used if name not in defined} == set()
