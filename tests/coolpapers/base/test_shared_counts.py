"""Counts that several processes keep together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coolpapers.base.shared_counts import SharedCounts

COUNT = """
import sys
from django.conf import settings
settings.configure()
from coolpapers.base.shared_counts import SharedCounts
counts = SharedCounts(sys.argv[1], {"TIMEOUT": 60})
for _ in range(150):
    if not counts.add("n", 1):
        counts.incr("n")
"""


def make_counts(folder: Path, **params: object) -> SharedCounts:
    return SharedCounts(folder / "rates", {"TIMEOUT": 60, **params})


def test_concurrent_processes_lose_no_count(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNT, str(tmp_path / "rates")]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert make_counts(tmp_path).get("n") == 450


def test_a_missing_counter_cannot_be_incremented(tmp_path: Path) -> None:
    counts = make_counts(tmp_path)
    with pytest.raises(ValueError, match="n"):
        counts.incr("n")
    assert counts.add("n", 5)
    assert not counts.add("n", 7)
    assert counts.incr("n", 2) == 7
    assert counts.decr("n") == 6


def test_expired_counters_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = make_counts(tmp_path)
    counts.set("old", 1)
    counts.set("young", 1)
    old = next(
        path
        for path in (tmp_path / "rates").glob("*.djcache")
        if path == Path(counts._key_to_file("old"))  # type: ignore[attr-defined] # Django's own, without types
    )
    os.utime(old, (0, time.time() - 61))
    monkeypatch.setattr("coolpapers.base.shared_counts._CULL_EVERY", 1)
    counts.set("new", 1)
    assert not old.exists()
    assert counts.get_many(["young", "new"]) == {"young": 1, "new": 1}


def test_the_number_of_counters_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.base.shared_counts._CULL_EVERY", 1)
    counts = make_counts(tmp_path, OPTIONS={"MAX_ENTRIES": 10})
    for number in range(40):
        counts.set(str(number), number)
    assert len(list((tmp_path / "rates").glob("*.djcache"))) <= 10


def test_the_folder_may_vanish_at_any_time(tmp_path: Path) -> None:
    counts = make_counts(tmp_path)
    counts.add("n", 1)
    for path in (tmp_path / "rates").iterdir():
        path.unlink()
    (tmp_path / "rates").rmdir()
    assert counts.get("n") is None
    assert counts.add("n", 1)
