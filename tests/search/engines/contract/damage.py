"""The contract of engines with a folder: with a damaged file they answer, or raise IndexDamaged with the remedy."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.engines.results import Request
from search.errors import IndexDamaged, IndexMissing
from search.language.query import And, Everything, Phrase, Prefix, Term
from tests.search.make import make_document

N_PAPERS = 200
WAYS = ("flip", "scatter", "cut", "empty", "delete")
# Files that hold no data: a missing or changed lock file is no damage.
_LOCKS = (".lock", "_WRITELOCK")


def papers() -> Iterator[Document]:
    words = random.Random(7)
    vocabulary = [f"{first}{last}" for first in ("graph", "tree", "net", "sea") for last in "abcdefghijklmnop"]
    for number in range(N_PAPERS):
        yield make_document(
            f"p:{number}",
            title=f"Graphs {number} {' '.join(words.choices(vocabulary, k=6))}",
            abstract=" ".join(words.choices(vocabulary, k=60)),
            authors=[f"{words.choice(vocabulary)} Smith"],
            categories=["cs.CL", "math.CO"][number % 2 : number % 2 + 1],
            day=date(2020, 1, 1) + timedelta(days=number),
        )


def uses(backend: SearchBackend) -> dict[str, Callable[[], object]]:
    """All calls of an index that pages and commands make."""
    page = Request(top_k=50, with_total=True)
    return {
        "word": lambda: backend.search(Term("graphs"), page),
        "words": lambda: backend.search(And((Term("grapha"), Term("treeb"))), page),
        "phrase": lambda: backend.search(Phrase("graphs 7"), page),
        "prefix": lambda: backend.search(Prefix("graph"), page),
        "newest": lambda: backend.search(Everything(), Request(top_k=N_PAPERS, sort="newest")),
        "explained": lambda: backend.search(Term("treeb"), Request(top_k=20, explain=True)),
        "facets": lambda: backend.search(Everything(), Request(facets=("category", "year"))),
        "suggest": lambda: backend.suggest("grapah"),
        "complete": lambda: backend.complete("gra"),
        "frequencies": lambda: backend.document_frequencies("title", ["graph", "7"]),
        "count": backend.count,
        "keys": backend.keys,
        "revision": backend.revision,
        "origin": backend.origin,
    }


class DamageContract(ABC):
    """The index is built once; tests damage copies."""

    @abstractmethod
    def make_backend(self, folder: Path) -> SearchBackend: ...

    @pytest.fixture(scope="class")
    @classmethod
    def built(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("built") / "index"
        backend = cls().make_backend(folder)
        backend.rebuild(papers(), revision=1, origin="1:a")
        backend.update([make_document("p:3", title="Changed meadows")], removed=["p:4"], revision=2, origin="2:b")
        return folder

    @pytest.mark.parametrize("way", WAYS)
    def test_damage_of_any_file_is_an_answer_or_a_sentence_with_its_cure(
        self, built: Path, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In an index that is too large to be checked when it is opened, and in one that is not."""
        for number, original in enumerate(data_files(built)):
            folder = tmp_path / str(number)
            shutil.copytree(built, folder)
            path = folder / original.relative_to(built)
            damage(path, way, seed=number)
            with monkeypatch.context() as patch:
                patch.setattr("search.engines.generations.MAX_CHECKED_BYTES", 0)
                self._use(folder, path)
            self._notice(folder, path)
            self._cure(folder)
            shutil.rmtree(folder)

    def _use(self, folder: Path, path: Path) -> None:
        backend = self.make_backend(folder)
        for name, use in uses(backend).items():
            try:
                use()
            except BaseException as exc:
                has_cure = isinstance(exc, IndexDamaged | IndexMissing) and "run manage.py rebuild_index" in str(exc)
                if not has_cure:
                    raise AssertionError(f"{name} raised {exc!r} with a damaged {path.name}") from exc

    def _notice(self, folder: Path, path: Path) -> None:
        """The check finds the damage, and afterwards no process reads the damaged files."""
        for _ in range(2):
            backend = self.make_backend(folder)
            try:
                damaged = backend.verify(changed_only=True)
            except (IndexDamaged, IndexMissing):
                damaged = [path.name]
            if path.name == ".managed.json" and not damaged:
                return  # only names the other files
            assert damaged == [path.name]
        with pytest.raises((IndexDamaged, IndexMissing)):
            self.make_backend(folder).search(Everything(), Request())

    def _cure(self, folder: Path) -> None:
        backend = self.make_backend(folder)
        assert backend.rebuild(papers(), revision=3, origin="3:c") == N_PAPERS
        assert (backend.verify(), backend.count(), backend.revision()) == ([], N_PAPERS, 3)

    def test_damage_is_noticed_when_a_process_opens_the_index(self, built: Path, tmp_path: Path) -> None:
        for number, original in enumerate(data_files(built)):
            folder = tmp_path / str(number)
            shutil.copytree(built, folder)
            damage(folder / original.relative_to(built), "flip", seed=number)
            if original.name != ".managed.json":
                with pytest.raises((IndexDamaged, IndexMissing)):
                    self.make_backend(folder).count()

    @pytest.mark.parametrize("way", WAYS)
    def test_damage_of_open_files_is_noticed_before_they_are_read(self, built: Path, tmp_path: Path, way: str) -> None:
        for number, original in enumerate(data_files(built)):
            if original.name in (".managed.json", "meta.json", "state.json", "current"):
                continue
            folder = tmp_path / str(number)
            shutil.copytree(built, folder)
            backend = self.make_backend(folder)
            n_papers = backend.count()
            damage(folder / original.relative_to(built), way, seed=number)
            if way == "delete":  # an open file stays readable
                assert backend.search(Everything(), Request()).total == n_papers
                continue
            for use in uses(backend).values():
                with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
                    use()

    def test_a_file_that_is_cut_while_it_is_open_does_not_kill_the_process(self, built: Path, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        shutil.copytree(built, folder)
        code = (
            "import sys, time; from pathlib import Path\n"
            f"from {type(self).__module__} import {type(self).__name__} as Case\n"
            "from search.errors import IndexDamaged; from search.engines.results import Request\n"
            "from search.language.query import Everything\n"
            "from tests.search.engines.contract.damage import data_files\n"
            "backend = Case().make_backend(Path(sys.argv[1])); backend.count(); time.sleep(1)\n"
            "for path in data_files(Path(sys.argv[1])):\n"
            "    with path.open('r+b') as file: file.truncate(8 if path.suffix != '.json' else None)\n"
            "try: backend.search(Everything(), Request())\n"
            "except IndexDamaged as exc: print(exc)"
        )
        run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
        assert "run manage.py rebuild_index" in run.stdout, (run.returncode, run.stderr)

    def test_a_check_of_what_changed_reads_only_that(self, built: Path, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        shutil.copytree(built, folder)
        backend = self.make_backend(folder)
        assert backend.verify(changed_only=True) == []
        path = max(data_files(folder), key=lambda path: path.stat().st_size)
        damage(path, "flip", seed=1)
        assert backend.verify(changed_only=True) == [path.name]

    def test_an_update_does_not_copy_damage_into_new_files(self, built: Path, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        shutil.copytree(built, folder)
        path = max(data_files(folder), key=lambda path: path.stat().st_size)
        damage(path, "flip", seed=1)
        with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
            self.make_backend(folder).update([make_document("p:5", title="New")], revision=3)
        with pytest.raises(IndexDamaged):
            self.make_backend(folder).count()


def data_files(folder: Path) -> list[Path]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(_LOCKS)]
    generation = max(path for path in folder.iterdir() if path.is_dir())
    return [path for path in files if path.parent in (folder, generation) and path.stat().st_size]


def damage(path: Path, way: str, *, seed: int) -> None:
    """Flip 128 bytes in the middle or in all places, cut the file in half, empty it or delete it.

    The file is replaced: if a thread read a mapped file while it is cut in place, the process would die.
    """
    data = bytearray(path.read_bytes())
    middle = range(max(0, len(data) // 2 - 64), min(len(data), len(data) // 2 + 64))
    places = middle if way == "flip" else random.Random(seed).choices(range(len(data)), k=128)
    if way in ("flip", "scatter"):
        for place in set(places):
            data[place] ^= 0xFF
    if way == "delete":
        path.unlink()
    else:
        damaged = path.with_name(f"{path.name}.damaged")
        damaged.write_bytes({"cut": bytes(data[: len(data) // 2]), "empty": b""}.get(way, bytes(data)))
        damaged.replace(path)
