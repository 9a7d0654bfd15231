"""An index whose folder cannot be written, on real disks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from search.engines.results import Request
from search.engines.tantivy import TantivyBackend
from search.language.query import Term
from tests.coolpapers.disks.small_disks import allow_writing, forbid_writing, make_read_only, own_disk, run_as_anyone
from tests.house.source import ROOT
from tests.search.make import titled

SEARCH = (
    "import sys; from search.engines.tantivy import TantivyBackend; from search.engines.results import Request;"
    "from search.language.query import Term\n"
    "print(TantivyBackend(path=sys.argv[1]).search(Term('graphs'), Request()).total)"
)


def search(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_as_anyone([sys.executable, "-c", SEARCH, str(folder)], cwd=ROOT, env=environment or None)


def make_index(folder: Path) -> TantivyBackend:
    backend = TantivyBackend(path=folder)
    backend.rebuild(titled("Graphs", "Trees"), revision=1)
    return backend


def test_a_read_only_disk_is_searched(tmp_path: Path) -> None:
    with own_disk(tmp_path / "disk") as disk:
        backend = make_index(disk / "index")
        make_read_only(disk)
        assert backend.search(Term("graphs"), Request()).total == 1  # it was open before
        assert TantivyBackend(path=disk / "index").search(Term("graphs"), Request()).total == 1
        assert TantivyBackend(path=disk / "index").verify() == []


def test_an_index_without_permission_to_write_is_searched_and_followed(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    backend = make_index(folder)
    forbid_writing(folder)
    assert search(folder).stdout == "1\n"
    allow_writing(folder)
    backend.update(titled("Graphs", "Trees", "More graphs"), revision=2)
    forbid_writing(folder)
    assert search(folder).stdout == "2\n"
    allow_writing(folder)


def test_links_of_a_lock_do_not_stay(tmp_path: Path) -> None:
    folder, temporary = tmp_path / "index", tmp_path / "temporary"
    make_index(folder)
    temporary.mkdir()
    forbid_writing(folder)
    assert search(folder, TMPDIR=str(temporary)).stdout == "1\n"
    assert list(temporary.iterdir()) == []
    allow_writing(folder)


def test_an_index_that_may_not_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    make_index(folder)
    for name in ("0001", "current", "0001/state.json", "0001/meta.json"):
        path = folder / name
        mode = path.stat().st_mode
        path.chmod(0o000)
        run = search(folder)
        path.chmod(mode)
        assert "IndexUnreadable" in run.stderr, (name, run.stderr)
        assert "may not be read" in run.stderr
    for path in (folder / "0001").glob("*.store"):
        path.chmod(0o000)
        assert "IndexUnreadable" in search(folder).stderr
        path.chmod(0o644)
    assert search(folder).stdout == "1\n"
    shutil.rmtree(folder)
