"""Asks MathJax, set up as on our pages, which formulas it refuses; a node process that stays for all questions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
NPM = ROOT / "build" / "npm"
NODE = ROOT / ".venv" / "bin" / "node"

needs_mathjax = pytest.mark.skipif(
    not (NPM / "node_modules" / "mathjax").is_dir() or not NODE.exists(), reason="make has not fetched MathJax"
)


def refusals(formulas: Sequence[str], *, display: bool = True) -> list[str | None]:
    """What MathJax says against each formula; None where it sets it."""
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    messages = []
    for tex in formulas:
        process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
        process.stdin.flush()
        messages.append(json.loads(process.stdout.readline())["message"])
    return messages


@cache
def _process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(NODE), "--no-warnings", "bench/reading/mathjax_errors.mjs", str(NPM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
    )
