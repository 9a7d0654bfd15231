from __future__ import annotations

import re

from coolpapers.people.models.kinds import Kind
from tests.house.source import ROOT


def test_every_kind_is_documented_and_every_documented_one_exists() -> None:
    text = (ROOT / "docs/reference/personal-state.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([a-z]+)` \|", text, re.M)
    assert sorted(documented) == sorted(Kind)
