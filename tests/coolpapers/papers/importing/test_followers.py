from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.importing import followers
from coolpapers.papers.importing.followers import join_followers, part_followers, register_follower


class Recorder:
    name = "recorder"

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def join(self, paper_id: int, *, into: int) -> Any:
        self.calls.append(("join", paper_id, into))
        return ["kept"]

    def part(self, paper_id: int, *, of: int, kept: Any) -> None:
        self.calls.append(("part", paper_id, of, kept))


def test_followers_are_told_and_get_back_what_they_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "_followers", {})
    recorder = Recorder()
    register_follower(recorder)
    kept = join_followers(2, into=1)
    assert kept == {"recorder": ["kept"]}
    part_followers(3, of=1, kept=kept)
    part_followers(3, of=1, kept={})
    assert recorder.calls == [("join", 2, 1), ("part", 3, 1, ["kept"])]
