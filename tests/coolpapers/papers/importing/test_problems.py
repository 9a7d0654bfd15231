from __future__ import annotations

import pytest

from coolpapers.papers.importing import problems as module
from coolpapers.papers.importing.problems import ProblemLog
from coolpapers.papers.models import ImportRun
from coolpapers.papers.records.record import Refusal

pytestmark = pytest.mark.django_db


def test_long_reasons_are_cut_to_what_is_stored() -> None:
    run = ImportRun.objects.create(source="jsonl", location="p.jsonl")
    log = ProblemLog(run)
    log.add(Refusal("x" * 300, -1, "f" * 100, "r" * 1_000), refused=True)
    log.save()
    log.save()
    problem = run.problems.get()
    assert (len(problem.location), problem.line, len(problem.field), len(problem.reason)) == (200, 0, 60, 500)
    assert str(problem) == f"{'x' * 200}:0 {'f' * 60}"


def test_the_first_problems_of_a_run_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROBLEMS", 3)
    run = ImportRun.objects.create(source="jsonl", location="p.jsonl")
    for start in (0, 2):  # the second log goes on where an interrupted run stopped
        log = ProblemLog(run)
        for line in range(start, start + 2):
            log.add(Refusal("p.jsonl", line, "year", "wrong"), refused=False)
        log.save()
    assert list(run.problems.values_list("line", flat=True)) == [0, 1, 2]
