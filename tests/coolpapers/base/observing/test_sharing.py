"""Metrics of several processes: added up, kept when one ends, and no obstacle where nothing can be written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coolpapers.base.observing.metrics import Family, Sample
from coolpapers.base.observing.sharing import ProcessFile, add_up, forget_ended, read_folder, start_sharing
from coolpapers.base.outages import degraded
from tests.house.source import ROOT

Opener = Callable[[Path], ProcessFile]
COUNTING = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from pathlib import Path
from coolpapers.base.observing.metrics import count_request
from coolpapers.base.observing.sharing import start_sharing, write_now
start_sharing(Path(sys.argv[1]))
for line in sys.stdin:
    for _ in range(int(line)):
        count_request("v", "GET", 200, 0.2)
    print(write_now(), flush=True)
"""


class Process:
    """A process that counts as many requests as it is told."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", COUNTING, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def count(self, n: int) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{n}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "True\n"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def n_requests(folder: Path) -> float:
    families, _n = read_folder(folder)
    return sum(s.value for family in families for s in family.samples if s.name == "coolpapers_requests_total")


def counter(value: float, **labels: str) -> Family:
    return Family("n", "counter", "A number.", (Sample("n_total", tuple(sorted(labels.items())), value),))


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Makes files of processes that live as long as the test."""
    files: list[ProcessFile] = []

    def open_file(folder: Path) -> ProcessFile:
        file = ProcessFile(folder)
        file.open()
        files.append(file)
        return file

    yield open_file
    for file in files:
        file.close()


def test_samples_with_equal_labels_are_added() -> None:
    (family,) = add_up([[counter(1, a="x")], [counter(2, a="x")], [counter(4, a="y")]])
    assert {sample.labels: sample.value for sample in family.samples} == {(("a", "x"),): 3, (("a", "y"),): 4}


@pytest.mark.slow
def test_processes_add_up_and_a_killed_one_still_counts(tmp_path: Path) -> None:
    first, second = Process(tmp_path), Process(tmp_path)
    first.count(3)
    second.count(4)
    assert n_requests(tmp_path) == 7
    assert read_folder(tmp_path)[1] == 2
    first.kill()
    assert n_requests(tmp_path) == 7
    assert read_folder(tmp_path)[1] == 1
    third = Process(tmp_path)  # gathers what ended processes left
    third.count(1)
    assert n_requests(tmp_path) == 8
    assert len(list(tmp_path.glob("*.json"))) == 3
    forget_ended(tmp_path)
    assert n_requests(tmp_path) == 5
    second.kill()
    third.kill()
    forget_ended(tmp_path)
    assert n_requests(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock"]


def test_a_gauge_ends_with_its_process(tmp_path: Path, opened: Opener) -> None:
    gauge = Family("g", "gauge", "A state.", (Sample("g", (), 5.0),))
    file = opened(tmp_path)
    file.write([gauge, counter(1)])
    assert {family.name for family in read_folder(tmp_path)[0]} == {"g", "n"}
    file.close()
    opened(tmp_path)
    assert [family.name for family in read_folder(tmp_path)[0]] == ["n"]


def test_a_damaged_file_is_left_out(tmp_path: Path, opened: Opener) -> None:
    file = opened(tmp_path)
    file.write([counter(2)])
    (tmp_path / "1-cut.json").write_text('[["n", "counter"', encoding="utf-8")
    (tmp_path / "1-odd.json").write_text(json.dumps([1, 2]), encoding="utf-8")
    assert [sample.value for family in read_folder(tmp_path)[0] for sample in family.samples] == [2]


def test_a_folder_that_cannot_be_made_is_counted_and_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    before = degraded.counts().get("metrics", 0)
    start_sharing(tmp_path / "file" / "metrics")
    assert degraded.counts()["metrics"] == before + 1


def test_a_full_disk_leaves_the_former_file(tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    file = opened(tmp_path)
    file.write([counter(2)])
    monkeypatch.setattr("coolpapers.base.observing.sharing.secrets.token_hex", lambda _n: "x")
    file.path.with_suffix(".x.tmp").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        file.write([counter(3)])
    assert [sample.value for family in read_folder(tmp_path)[0] for sample in family.samples] == [2]
