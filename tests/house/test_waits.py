"""Browser tests wait for conditions, not for a fixed time."""

from __future__ import annotations

import re

from tests.house.source import ROOT

FIXED_TIME = re.compile(r"\bwait_for_timeout\(|\bsleep\(|\bnetworkidle\b")
WAITING = ROOT / "tests/browser/waiting.py"  # polls


def test_browser_tests_wait_for_conditions() -> None:
    sleeping = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "tests/browser").rglob("*.py")
        if path != WAITING
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if FIXED_TIME.search(line)
    }
    assert sleeping == set()
