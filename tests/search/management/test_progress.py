from __future__ import annotations

import io

import pytest
from django.core.management.base import OutputWrapper

from search.management.progress import CountProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def count(stream: io.StringIO, *, is_shown: bool, times: list[float], monkeypatch: pytest.MonkeyPatch) -> str:
    clock = iter(times)
    monkeypatch.setattr("search.management.progress.time.monotonic", lambda: next(clock))
    progress = CountProgress(OutputWrapper(stream), is_shown=is_shown)
    progress(10)
    progress(20)
    progress.finish()
    return stream.getvalue()


def test_a_terminal_sees_a_line_at_most_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    written = count(Terminal(), is_shown=True, times=[0.0, 0.1, 2.0], monkeypatch=monkeypatch)
    assert written == "\r20 papers, 10/s \r"


def test_a_file_and_a_quiet_command_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert count(io.StringIO(), is_shown=True, times=[0.0, 1.0, 2.0], monkeypatch=monkeypatch) == ""
    assert count(Terminal(), is_shown=False, times=[0.0, 1.0, 2.0], monkeypatch=monkeypatch) == ""
