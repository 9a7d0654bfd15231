"""The contract of engines with a folder: they survive kills, incomplete folders and other processes."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import pytest

from search.engines import streams
from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.engines.results import Request
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated
from search.language.parser import parse_query
from search.language.query import Everything, Term
from search.text.analysis import READABLE_VERSIONS
from tests.search.make import make_document, titled

ROOT = Path(__file__).resolve().parents[4]
KILLS = 4


NEW_STREAMS = ("title_closed", "abstract_closed", "affiliation", "report")


class DurabilityContract(ABC):
    # The module in which the engine reads the streams that it writes.
    writing_module: str

    @abstractmethod
    def make_backend(self, folder: Path) -> SearchBackend: ...

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "index"

    @pytest.fixture
    def backend(self, folder: Path) -> SearchBackend:
        return self.make_backend(folder)

    def test_a_killed_update_loses_no_acknowledged_paper_and_the_index_opens(
        self, backend: SearchBackend, folder: Path
    ) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        acknowledged = 1
        delays = random.Random(20)
        for _ in range(KILLS):
            acknowledged = self._write_and_kill(backend, folder, acknowledged, after_s=delays.uniform(0.05, 0.5))
            fresh = self.make_backend(folder)
            reached = fresh.revision()
            assert reached >= acknowledged
            expected = {"p:0"} | {f"p:{revision}-{n}" for revision in range(2, acknowledged + 1) for n in range(40)}
            assert expected <= fresh.keys()
            assert fresh.search(Term("graphs"), Request()).total == fresh.count()
            fresh.update(
                [make_document(f"p:{reached + 1}-{n}", title="Graphs") for n in range(40)], revision=reached + 1
            )
            acknowledged = reached + 1

    def _write_and_kill(self, backend: SearchBackend, folder: Path, acknowledged: int, *, after_s: float) -> int:
        """Kill another writing process some time after its first acknowledgement; return the acknowledged updates."""
        name = f"{type(backend).__module__}.{type(backend).__qualname__}"
        command = [
            sys.executable,
            "-m",
            "tests.search.engines.contract.writer_process",
            name,
            str(folder),
            str(acknowledged + 1),
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(after_s)
            os.kill(process.pid, signal.SIGKILL)
            lines = [first, *process.stdout]
        assert process.returncode == -signal.SIGKILL
        return max(int(line) for line in lines if line.endswith("\n"))

    def test_a_killed_rebuild_changes_nothing(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        child = os.fork()
        if not child:
            self.make_backend(folder).rebuild(_killing_itself(), revision=2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert (backend.revision(), backend.keys()) == (1, {"p:0"})
        assert self.make_backend(folder).search(Term("graphs"), Request()).total == 1
        backend.rebuild(titled("Graphs", "Graphs"), revision=2)
        assert backend.count() == 2
        assert len([path for path in folder.iterdir() if path.is_dir()]) <= 2

    def test_another_process_sees_an_update_and_a_rebuild(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        reader = self.make_backend(folder)
        assert reader.search(Everything(), Request()).total == 1
        backend.update([make_document("p:9")], revision=2)
        assert reader.search(Everything(), Request()).total == 2
        backend.rebuild(titled("Graphs", "Graphs", "Graphs"), revision=3)
        assert (reader.search(Everything(), Request()).total, reader.revision()) == (3, 3)

    def test_a_second_concurrent_writer_is_refused(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        with (folder / "writer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for write in (backend.update, backend.rebuild):
                with pytest.raises(IndexLocked, match="wait until it has finished"):
                    write(titled("Words"), revision=2)
            assert backend.search(Term("graphs"), Request()).total == 1
        assert backend.update(titled("Words"), revision=2) == 1

    def test_a_folder_without_a_pointer_is_a_missing_index(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        (folder / "current").unlink()
        with pytest.raises(IndexMissing, match=r"There is no search index .* run manage\.py rebuild_index"):
            self.make_backend(folder).search(Everything(), Request())

    @pytest.mark.parametrize("damage", ["truncate", "state", "generation", "pointer", "empty"])
    def test_an_incomplete_folder_is_reported_with_the_remedy(
        self, backend: SearchBackend, folder: Path, damage: str
    ) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        _damage(folder, damage)
        fresh = self.make_backend(folder)
        with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
            fresh.search(Everything(), Request())
        assert fresh.rebuild(titled("Graphs", "Graphs"), revision=2) == 2
        assert fresh.search(Everything(), Request()).total == 2

    def test_an_index_of_another_version_asks_for_a_rebuild(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        state = next(folder.glob("*/state.json"))
        state.write_text('{"layout": "tantivy-0.0", "revision": 1}', encoding="utf-8")
        with pytest.raises(IndexDamaged, match=r"Another version .* run manage\.py rebuild_index"):
            backend.search(Everything(), Request())

    @pytest.fixture
    def older(self, backend: SearchBackend, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SearchBackend:
        """An engine with an index as a version before compounds, affiliations and report numbers built it."""
        paper = make_document("p:0", title="Multi-task graphs", authors=["Geoffrey Hinton"], affiliations=["MIT"])
        with monkeypatch.context() as patch:
            for name in ("MAIN_STREAMS", "SET_STREAMS"):
                older = tuple(stream for stream in getattr(streams, name) if stream not in NEW_STREAMS)
                patch.setattr(f"{self.writing_module}.{name}", older)
            patch.setattr(f"{self.writing_module}.index_streams", _older_streams)
            backend.rebuild([paper], revision=7, origin="7:abc")
        state_file = next(folder.glob("*/state.json"))
        layout = json.loads(state_file.read_text(encoding="utf-8"))["layout"]
        older_layout = f"{layout.rpartition('.')[0]}.{READABLE_VERSIONS[0]}"
        assert older_layout != layout
        state_file.write_text(json.dumps({"layout": older_layout, "revision": 7, "origin": "7:abc"}), encoding="utf-8")
        return self.make_backend(folder)

    def test_an_index_of_an_older_version_answers(self, older: SearchBackend) -> None:
        assert older.is_outdated()
        assert (older.count(), older.revision(), older.origin()) == (1, 7, "7:abc")
        for text in ("graphs", "multi-task", '"multi-task graphs"', "au:Hinton", "graph*", "graphz~", "multi graphs"):
            assert older.search(parse_query(text).root, Request(explain=True)).total == 1, text
        for text in ("multitask", "aff:MIT", "aff:M*", "rn:5", "aff:MIT~", "NOT graphs"):
            assert older.search(parse_query(text).root, Request(explain=True)).total == 0, text
        assert older.complete_names(["hin"], limit=5, wait_s=60) == ["hinton|geoffrey"]
        assert older.suggest("grahps") == ["graphs"]
        assert older.words("affiliation", "") == []
        assert older.containing("affiliation", "mit", limit=5) == []
        assert older.document_frequencies("title_closed", ["multitask"]) == {"multitask": 0}

    def test_an_index_of_an_older_version_is_not_written_to_but_rebuilt(self, older: SearchBackend) -> None:
        with pytest.raises(IndexOutdated, match=r"run manage\.py rebuild_index"):
            older.update(titled("Words"), revision=8)
        assert older.search(Term("graphs"), Request()).total == 1
        older.rebuild([make_document("p:0", title="Multi-task graphs")], revision=8)
        assert not older.is_outdated()
        assert older.search(Term("multitask"), Request()).total == 1

    def test_the_index_names_the_history_it_followed(self, backend: SearchBackend, folder: Path) -> None:
        assert backend.origin() == ""
        backend.rebuild(titled("Graphs"), revision=1, origin="1:abc")
        assert self.make_backend(folder).origin() == "1:abc"
        backend.update(titled("Words"), revision=2, origin="2:def")
        assert (backend.origin(), backend.revision()) == ("2:def", 2)

    def test_flipped_bytes_are_noticed_by_verify_and_stop_every_use(self, backend: SearchBackend, folder: Path) -> None:
        backend.rebuild(titled(*[f"Graphs {number}" for number in range(300)]), revision=1)
        backend.update(titled("Words"), revision=2)
        assert backend.verify() == []
        _flip_bytes(folder)
        fresh = self.make_backend(folder)
        assert fresh.verify() != []
        for use in (fresh.count, fresh.revision, fresh.keys, lambda: fresh.search(Everything(), Request())):
            with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
                use()
        fresh.rebuild(titled("Graphs"), revision=3)
        assert (fresh.verify(), fresh.count()) == ([], 1)

    def test_old_generations_are_removed(self, backend: SearchBackend, folder: Path) -> None:
        for revision in range(1, 6):
            backend.rebuild(titled("Graphs"), revision=revision)
        assert len([path for path in folder.iterdir() if path.is_dir()]) == 2


def _older_streams(document: Document) -> dict[str, str]:
    return {name: text for name, text in streams.index_streams(document).items() if name not in NEW_STREAMS}


def _killing_itself() -> Iterable[Document]:
    yield from titled("Words", "Words")
    os.kill(os.getpid(), signal.SIGKILL)


def _flip_bytes(folder: Path) -> None:
    """Invert 128 bytes in the middle of the largest file, as a failing disk might."""
    generation = next(path for path in folder.iterdir() if path.is_dir())
    data = [path for path in generation.iterdir() if path.is_file() and path.suffix not in (".json", ".toc")]
    largest = max(data, key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    start = max(0, len(content) // 2 - 64)
    content[start : start + 128] = bytes(byte ^ 0xFF for byte in content[start : start + 128])
    largest.write_bytes(content)


def _damage(folder: Path, damage: str) -> None:
    generation = next(path for path in folder.iterdir() if path.is_dir())
    if damage == "truncate":
        for path in generation.iterdir():
            if path.name != "state.json" and path.stat().st_size:
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    elif damage == "state":
        (generation / "state.json").write_text('{"layout": "tan', encoding="utf-8")
    elif damage == "generation":
        shutil.rmtree(generation)
    elif damage == "pointer":
        (folder / "current").write_text("", encoding="utf-8")
    else:
        for path in generation.iterdir():
            if path.name != "state.json":
                path.unlink()
