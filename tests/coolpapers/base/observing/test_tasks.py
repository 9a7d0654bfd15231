"""Background tasks are timed by name and outcome, wherever they run."""

from __future__ import annotations

import pytest
from celery import shared_task

from tests.coolpapers.base.observing.test_metrics import value


@shared_task(name="tests.observed_inner")  # type: ignore[untyped-decorator]  # celery ships no types
def inner() -> None:
    """Ends well."""


@shared_task(name="tests.observed")  # type: ignore[untyped-decorator]
def outer(fails: bool) -> None:
    inner.apply(throw=True)
    if fails:
        raise ValueError("on purpose")


def n_runs(task: str, outcome: str) -> float:
    return value("coolpapers_task_seconds_count", task=task, outcome=outcome)


def test_success_and_failure_are_told_apart() -> None:
    before = n_runs("tests.observed", "ok"), n_runs("tests.observed", "failed"), n_runs("tests.observed_inner", "ok")
    outer.apply((False,), throw=True)
    with pytest.raises(ValueError, match="on purpose"):
        outer.apply((True,), throw=True)
    after = n_runs("tests.observed", "ok"), n_runs("tests.observed", "failed"), n_runs("tests.observed_inner", "ok")
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 2]
