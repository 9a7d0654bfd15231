from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from coolpapers.finding.indexing.index import check_index, is_own_index, rebuild_index, update_index
from coolpapers.papers.models import Paper, RevisionMark, Sequence, Tombstone, latest_revision
from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.engines.tantivy import TantivyBackend
from search.engines.tantivy.backend import READABLE_LAYOUTS
from search.errors import IndexUnavailable
from search.language.query import Term
from tests.search.make import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["memory", "tantivy"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> SearchBackend:
    return TantivyBackend(path=tmp_path / "index") if request.param == "tantivy" else MemoryBackend()


def make_papers(*names: str) -> list[Paper]:
    papers = [Paper(key=f"p:{name}", title=f"Graphs {name}") for name in names]
    for paper in papers:
        paper.save()
    return papers


def test_without_an_index_an_update_builds_one(backend: SearchBackend) -> None:
    make_papers("a", "b")
    report = update_index(backend)
    assert (report.written, report.is_rebuilt, report.revision) == (2, True, latest_revision())
    assert backend.keys() == {"p:a", "p:b"}


@pytest.mark.parametrize(("n_failures", "is_transient", "n_papers"), [(2, True, 2), (3, True, 0), (1, False, 0)])
def test_a_rebuild_starts_anew_where_servers_are_lost(
    monkeypatch: pytest.MonkeyPatch, n_failures: int, is_transient: bool, n_papers: int
) -> None:
    """Two more times, and only where a retry may help."""

    class LosingServers(MemoryBackend):
        failures = n_failures

        def rebuild(self, documents: Iterable[Document], *, revision: int, origin: str = "") -> int:
            next(iter(documents))
            if self.failures:
                self.failures -= 1
                raise IndexUnavailable("a node was lost", cure="wait", is_transient=is_transient)
            return super().rebuild(documents, revision=revision, origin=origin) + 1

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    make_papers("a", "b")
    backend = LosingServers()
    if not n_papers:
        with pytest.raises(IndexUnavailable, match="a node was lost"):
            rebuild_index(backend)
    else:
        assert rebuild_index(backend).written == n_papers
        assert backend.count() == n_papers - 1


def test_an_update_takes_what_changed_and_the_second_does_nothing(backend: SearchBackend) -> None:
    papers = make_papers("a", "b", "c")
    rebuild_index(backend)
    papers[0].title = "Meadows"
    papers[0].save()
    papers[1].delete()
    make_papers("d")
    report = update_index(backend)
    assert (report.written, report.removed, report.is_rebuilt) == (2, 1, False)
    assert backend.keys() == {"p:a", "p:c", "p:d"}
    assert [hit.key for hit in backend.search(Term("meadows"), Request()).hits] == ["p:a"]
    again = update_index(backend)
    assert (again.written, again.removed, again.is_rebuilt) == (0, 0, False)


def test_a_paper_deleted_and_added_again_is_indexed(backend: SearchBackend) -> None:
    (paper,) = make_papers("a")
    rebuild_index(backend)
    paper.delete()
    make_papers("a")
    update_index(backend)
    assert backend.keys() == {"p:a"}


def test_batches_commit_one_by_one(backend: SearchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuild_index(backend)
    monkeypatch.setattr("coolpapers.finding.indexing.index.UPDATE_BATCH", 2)
    make_papers(*"abcde")
    seen: list[int] = []
    assert update_index(backend, progress=seen.append).written == 5
    assert seen == [1, 2, 3, 4, 5]
    assert (backend.count(), backend.revision()) == (5, latest_revision())


def test_a_killed_update_goes_on_where_it_was(backend: SearchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuild_index(backend)
    monkeypatch.setattr("coolpapers.finding.indexing.index.UPDATE_BATCH", 2)
    papers = make_papers(*"abcde")

    def stop(n_done: int) -> None:
        if n_done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_index(backend, progress=stop)
    assert backend.keys() == {"p:a", "p:b"}
    assert backend.revision() == papers[1].revision
    assert update_index(backend).written == 3
    assert backend.count() == 5


def test_an_update_of_most_of_the_library_is_a_rebuild(backend: SearchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuild_index(backend)
    monkeypatch.setattr("coolpapers.finding.indexing.index.UPDATE_BATCH", 2)
    monkeypatch.setattr("coolpapers.finding.indexing.index.REBUILD_FROM", 4)
    make_papers(*"abcde")
    report = update_index(backend)
    assert (report.written, report.is_rebuilt, report.revision) == (5, True, latest_revision())
    make_papers(*"fghi")
    report = update_index(backend)  # less than half of the library
    assert (report.written, report.is_rebuilt) == (4, False)
    make_papers("j")
    assert not update_index(backend).is_rebuilt
    assert backend.keys() == {f"p:{name}" for name in "abcdefghij"}


def test_a_damaged_index_is_built_anew_by_an_update(tmp_path: Path) -> None:
    backend = TantivyBackend(path=tmp_path)
    make_papers("a")
    rebuild_index(backend)
    (tmp_path / "current").write_text("", encoding="utf-8")
    report = update_index(TantivyBackend(path=tmp_path))
    assert (report.written, report.is_rebuilt) == (1, True)


def test_what_changes_during_a_rebuild_is_left_to_the_next_update(backend: SearchBackend) -> None:
    papers = make_papers("a", "b")

    def change(n_done: int) -> None:
        if n_done == 1:
            papers[0].title = "Meadows"
            papers[0].save()

    rebuild_index(backend, progress=change)
    assert update_index(backend).written == 1
    assert backend.search(Term("meadows"), Request()).total == 1


def test_a_check_of_a_whole_index_finds_nothing(backend: SearchBackend) -> None:
    make_papers("a", "b")
    rebuild_index(backend)
    report = check_index(backend)
    assert (report.n_papers, report.n_indexed, report.problems) == (2, 2, ())


def test_a_check_names_what_differs_and_the_command(backend: SearchBackend) -> None:
    make_papers("a")
    rebuild_index(backend)
    (added,) = make_papers("b")
    assert check_index(backend).problems == ("p:b are missing from the index; run manage.py update_index.",)
    update_index(backend)
    backend.update([make_document("p:stray")], removed=["p:a"], revision=added.revision)
    assert check_index(backend).problems == (
        "p:a are missing from the index; run manage.py rebuild_index.",
        "p:stray are in the index and not in the library; run manage.py rebuild_index.",
    )


def test_a_check_names_a_change_of_a_text(backend: SearchBackend) -> None:
    (paper,) = make_papers("a")
    rebuild_index(backend)
    paper.save()
    assert check_index(backend).problems == ("The index is older than the library; run manage.py update_index.",)


def test_a_check_of_many_differences_names_ten(backend: SearchBackend) -> None:
    rebuild_index(backend)
    make_papers(*(f"{n:02}" for n in range(25)))
    assert (
        check_index(backend)
        .problems[0]
        .endswith("p:09 and 15 more are missing from the index; run manage.py update_index.")
    )


def test_a_check_without_an_index_says_so(backend: SearchBackend) -> None:
    (problem,) = check_index(backend).problems
    assert "run manage.py rebuild_index" in problem


def test_an_index_of_another_history_is_recognised_and_rebuilt(backend: SearchBackend) -> None:
    """A backup is restored beside a newer index; then other papers come in, up to the revision of the index."""
    make_papers("a")
    before = latest_revision()
    make_papers("b")
    rebuild_index(backend)
    Paper.objects.filter(key="p:b").update(key="p:c")  # the library as the backup and a later import have it
    RevisionMark.objects.filter(revision__gt=before).update(token="another")
    assert not is_own_index(backend)
    assert "another state of the library; run manage.py update_index" in " ".join(check_index(backend).problems)
    report = update_index(backend)
    assert (report.is_rebuilt, backend.keys()) == (True, {"p:a", "p:c"})
    assert is_own_index(backend)
    assert check_index(backend).problems == ()


def test_an_index_ahead_of_an_older_library_is_rebuilt(backend: SearchBackend) -> None:
    make_papers("a")
    before = latest_revision()
    make_papers("b")
    rebuild_index(backend)
    Paper.objects.filter(key="p:b").delete()
    RevisionMark.objects.filter(revision__gt=before).delete()
    Tombstone.objects.all().delete()
    Sequence.objects.filter(name="revision").update(value=before)
    assert update_index(backend).is_rebuilt
    assert backend.keys() == {"p:a"}


def test_a_check_names_damaged_files(tmp_path: Path) -> None:
    backend = TantivyBackend(path=tmp_path / "index")
    make_papers("a")
    rebuild_index(backend)
    damaged = next((tmp_path / "index").glob("0*/*.term"))
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    problems = " ".join(check_index(backend).problems)
    assert damaged.name in problems
    assert "run manage.py rebuild_index" in problems


def test_a_check_names_an_index_of_an_older_version(tmp_path: Path) -> None:
    make_papers("a")
    older = TantivyBackend(path=tmp_path / "index")
    older.folder.layout = READABLE_LAYOUTS[-1]
    rebuild_index(older)
    backend = TantivyBackend(path=tmp_path / "index")
    (problem,) = check_index(backend).problems
    assert "older version" in problem
    assert "manage.py rebuild_index" in problem
    assert update_index(backend).is_rebuilt
    assert check_index(backend).problems == ()
