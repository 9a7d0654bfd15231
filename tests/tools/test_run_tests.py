from __future__ import annotations

import sys
from pathlib import Path

from tools.run_tests import Outcome, Stage, counts, run, stages, summary

TESTS = """
import pytest

def test_passes(): pass

@pytest.mark.parametrize("n", [1, 2])
def test_fails(n): assert n == 1

@pytest.mark.skip
def test_skipped(): pass

@pytest.fixture
def broken(): raise ValueError

def test_has_no_fixture(broken): pass
"""


def stage_of(folder: Path, text: str) -> Stage:
    (folder / "test_them.py").write_text(text, encoding="utf-8")
    report = folder / "report.xml"
    settings = folder / "pytest.ini"  # instead of ours
    settings.write_text("[pytest]", encoding="utf-8")
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:django",
        "-c",
        str(settings),
        f"--junitxml={report}",
        str(folder),
    )
    return Stage("Python", command, report)


def test_a_stage_counts_its_tests_and_fails_with_them(tmp_path: Path) -> None:
    outcome = run(stage_of(tmp_path, TESTS))
    assert (outcome.n_tests, outcome.n_failed, outcome.n_skipped) == (5, 2, 1)
    assert outcome.status == 1


def test_a_stage_without_tests_fails(tmp_path: Path) -> None:
    assert run(stage_of(tmp_path, "")).status != 0
    assert counts(tmp_path / "none.xml") == (0, 0, 0)


def test_every_test_belongs_to_one_stage() -> None:
    commands = {stage.name: stage.command for stage in stages("2", ["--durations=5"])}
    assert list(commands) == ["Python", "browser", "node"]
    marks = [commands[name][commands[name].index("-m", 3) + 1] for name in ("Python", "browser")]
    assert marks == ["not browser", "browser"]
    assert all("--durations=5" in commands[name] for name in ("Python", "browser"))
    assert "tests/js/**/*.test.mjs" in commands["node"]


def test_the_last_line_counts_all_tests() -> None:
    outcomes = [Outcome("Python", 9000, 0, 3, 241.4, 0), Outcome("node", 62, 1, 0, 1.2, 1)]
    assert summary(outcomes) == (
        "9,062 tests FAILED in 4 min 3 s: 9,000 Python (0 failed, 3 skipped, 4 min 1 s),"
        " 62 node (1 failed, 0 skipped, 1 s)"
    )
    assert " passed in " in summary(outcomes[:1])
