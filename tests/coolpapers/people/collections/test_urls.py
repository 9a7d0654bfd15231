from __future__ import annotations

import re

import pytest

from coolpapers.people.collections.urls import urlpatterns
from tests.house.source import ROOT


@pytest.mark.parametrize("pattern", [str(one.pattern) for one in urlpatterns])
def test_every_address_is_documented(pattern: str) -> None:
    text = (ROOT / "docs/reference/addresses.md").read_text(encoding="utf-8")
    shown = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", pattern)
    is_of_a_list = shown.endswith("/export") and not shown.startswith(("/me/", "/shared/"))
    assert ("`…/export?format=`" if is_of_a_list else f"`{shown}`") in text
