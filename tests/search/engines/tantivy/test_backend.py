from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search.engines.base import SearchBackend
from search.engines.bm25 import byte_length
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.engines.tantivy import TantivyBackend
from search.errors import IndexDamaged
from search.language.query import Everything, Term
from tests.search.engines.contract.contract import BackendContract
from tests.search.engines.contract.damage import DamageContract
from tests.search.engines.contract.durability import ROOT, DurabilityContract
from tests.search.make import make_document, titled


class TestTantivyBackend(BackendContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend(stored_length=byte_length)


class TestTantivyBackendDamage(DamageContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)


class TestTantivyBackendDurability(DurabilityContract):
    writing_module = "search.engines.tantivy.writing"

    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)

    def test_an_update_goes_on_after_a_kill_between_the_deletes_and_the_meta_file(self, folder: Path) -> None:
        """The library writes the list of deleted documents first and the file that names it last."""
        backend = TantivyBackend(path=folder)
        backend.rebuild(titled(*[f"Graphs {number}" for number in range(20)]), revision=1)
        generation = next(path for path in folder.iterdir() if path.is_dir())
        before = {name: (generation / name).read_bytes() for name in ("meta.json", "state.json")}
        changed = [make_document("p:1", title="Meadows")]
        backend.update(changed, revision=2)
        for name, content in before.items():
            (generation / name).write_bytes(content)
        fresh = TantivyBackend(path=folder)
        assert fresh.update(changed, revision=2) == 1
        assert (fresh.revision(), fresh.count(), fresh.verify()) == (2, 20, [])
        assert fresh.search(Term("meadows"), Request()).total == 1

    def test_damaged_stored_documents_are_reported_with_the_remedy_and_recorded(self, folder: Path) -> None:
        backend = TantivyBackend(path=folder)
        backend.rebuild(titled(*[f"Graphs {number}" for number in range(2_000)]), revision=1)
        store = next(folder.glob("0*/*.store"))
        content = bytearray(store.read_bytes())
        content[100:228] = bytes(byte ^ 0xFF for byte in content[100:228])
        store.write_bytes(content)
        fresh = TantivyBackend(path=folder)
        with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
            fresh.search(Everything(), Request(top_k=2_000))
        with pytest.raises(IndexDamaged):  # also in another process, which has not read the damaged file
            TantivyBackend(path=folder).count()

    def test_a_full_disk_is_reported_and_the_index_stays(self, folder: Path) -> None:
        """A file size limit simulates a full disk: the system refuses to write beyond it."""
        backend = TantivyBackend(path=folder)
        backend.rebuild(titled("Graphs"), revision=1)
        code = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "from search.engines.tantivy import TantivyBackend; from tests.search.make import titled;"
            "from search.errors import IndexUnwritable, IndexDamaged\n"
            "backend = TantivyBackend(path=sys.argv[1])\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))\n"
            "try: backend.update(titled(*['Words %d' % n for n in range(5_000)]), revision=2)\n"
            "except IndexUnwritable as exc: print('refused:', exc)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert "refused: The search index cannot be written" in run.stdout, run.stderr
        assert (backend.revision(), backend.count()) == (1, 1)


@pytest.mark.parametrize(("word", "total"), [("absent", 0), ("graph", 2)])
def test_counts_without_hits_are_those_of_the_hits(tmp_path: Path, word: str, total: int) -> None:
    titles = ("graph", "a graph", "meadow")
    documents = [
        make_document(f"p:{n}", title=title, categories=["cs.LG"], year=2024) for n, title in enumerate(titles)
    ]
    backend = TantivyBackend(path=tmp_path)
    backend.rebuild(documents, revision=1)
    facets = ("category", "year", "month")
    counted = backend.search(Term(word), Request(top_k=0, facets=facets))
    assert counted.total == len(backend.search(Term(word), Request()).hits) == total
    assert counted.facets == backend.search(Term(word), Request(facets=facets)).facets
    assert counted.facets.keys() == set(facets)
    assert [count.n_documents for count in counted.facets["year"]] == [total] * bool(total)
