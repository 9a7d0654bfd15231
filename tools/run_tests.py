"""Run all tests: Python tests in parallel, then browser tests, then tests of the site's scripts in node.

Each stage runs even if an earlier one fails, and the last line counts all tests. ``make test`` and
``make check`` run it; it exits with 1 when a test failed. Options go to both runs of pytest::

    python -m tools.run_tests [--workers 2] [pytest options]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "tests"
NODE_TESTS = "tests/js/**/*.test.mjs"
# A worker without tests takes some from another one: some tests take a hundred times as long as most.
DISTRIBUTION = ("--dist", "worksteal")


@dataclass(frozen=True)
class Stage:
    """One run of a test tool that writes its results as JUnit XML."""

    name: str
    command: Sequence[str]
    report: Path


@dataclass(frozen=True)
class Outcome:
    """The result of a stage: counts of tests, seconds, and the exit status of the tool."""

    name: str
    n_tests: int
    n_failed: int
    n_skipped: int
    duration_s: float
    status: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", default="auto", help="processes for the Python tests; default: one per core")
    options, for_pytest = parser.parse_known_args(arguments)
    REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes = [run(stage) for stage in stages(options.workers, for_pytest)]
    print(summary(outcomes))
    return int(any(outcome.status for outcome in outcomes))


def stages(workers: str, for_pytest: Sequence[str]) -> list[Stage]:
    """The runs in order. Browser tests run separately, because Chromium is slow beside busy workers."""
    runs = []
    for name, mark in (("Python", "not browser"), ("browser", "browser")):
        report = REPORTS / f"{name.lower()}.xml"
        parallel = ("-n", workers, *DISTRIBUTION)
        command = (sys.executable, "-m", "pytest", "-m", mark, *parallel, f"--junitxml={report}", *for_pytest)
        runs.append(Stage(name, command, report))
    report = REPORTS / "node.xml"
    node = str(Path(sys.executable).with_name("node"))
    reporters = ("--test-reporter=dot", "--test-reporter-destination=stdout")
    junit = ("--test-reporter=junit", f"--test-reporter-destination={report}")
    runs.append(Stage("node", (node, "--test", *reporters, *junit, NODE_TESTS), report))
    return runs


def run(stage: Stage) -> Outcome:
    """Run a stage to its end; its own output goes to the terminal."""
    stage.report.unlink(missing_ok=True)
    start = time.monotonic()
    status = subprocess.run(stage.command, cwd=ROOT, check=False).returncode
    duration_s = time.monotonic() - start
    n_tests, n_failed, n_skipped = counts(stage.report)
    return Outcome(stage.name, n_tests, n_failed, n_skipped, duration_s, status or int(n_tests == 0))


def counts(report: Path) -> tuple[int, int, int]:
    """The numbers of tests, failed tests and skipped tests in a JUnit report; 0 without a report."""
    if not report.is_file():
        return 0, 0, 0
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases), failed, skipped


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line with the counts and times of all stages and their sums."""
    parts = [
        f"{outcome.n_tests:,} {outcome.name} ({outcome.n_failed} failed, {outcome.n_skipped} skipped,"
        f" {_minutes(outcome.duration_s)})"
        for outcome in outcomes
    ]
    total = sum(outcome.n_tests for outcome in outcomes)
    verdict = "FAILED" if any(outcome.status for outcome in outcomes) else "passed"
    total_time = _minutes(sum(outcome.duration_s for outcome in outcomes))
    return f"{total:,} tests {verdict} in {total_time}: {', '.join(parts)}"


def _minutes(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


if __name__ == "__main__":
    raise SystemExit(main())
