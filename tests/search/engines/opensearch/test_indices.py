from __future__ import annotations

import os
import signal
from collections.abc import Iterable

import pytest

from search.engines.documents import Document
from search.engines.opensearch import aliases
from search.engines.opensearch.mapping import LAYOUT, READABLE_LAYOUTS
from search.engines.results import Request
from search.errors import IndexDamaged, IndexOutdated, IndexUnavailable
from search.language.query import Everything, Term
from tests.opensearch_server import needs_opensearch
from tests.search.engines.opensearch.conftest import MakeBackend
from tests.search.make import make_document, titled

pytestmark = needs_opensearch


def test_a_killed_rebuild_changes_nothing_and_the_next_one_removes_its_index(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    child = os.fork()
    if not child:
        make_backend().rebuild(_killing_itself(), revision=2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(backend.indices.own_metas()) == 2
    assert (backend.indices.newest_state().revision, backend.keys()) == (1, {"p:0"})
    assert make_backend().search(Term("graphs"), Request()).total == 1
    backend.rebuild(titled("Graphs", "Graphs"), revision=2)
    assert backend.count() == 2
    assert len(backend.indices.own_metas()) == 1


def test_a_killed_update_is_repeated_without_loss(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    child = os.fork()
    if not child:
        killed = make_backend()
        killed.indices.refresh = lambda name: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        killed.update([make_document(f"p:{n}", title="Words") for n in range(5)], revision=2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert backend.indices.newest_state().revision == 1
    assert backend.search(Everything(), Request()).total == 1
    assert backend.update([make_document(f"p:{n}", title="Words") for n in range(5)], revision=2) == 5
    assert (backend.revision(), backend.count()) == (2, 5)


def test_an_older_writer_cannot_go_back(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=5, origin="a")
    backend.update([make_document("p:0", title="Meadows")], removed=["p:9"], revision=9, origin="a")
    late = [make_document("p:0", title="Rivers"), make_document("p:9", title="Rivers"), make_document("p:1")]
    backend.update(late, revision=7, origin="a")
    assert backend.search(Term("meadows"), Request()).total == 1
    assert backend.search(Term("rivers"), Request()).total == 0
    assert backend.keys() == {"p:0", "p:1"}
    assert backend.indices.newest_state().revision == 9


def test_indices_of_other_libraries_are_left_alone(make_backend: MakeBackend) -> None:
    backend = make_backend()
    other = make_backend(index=f"{backend.alias}-000")
    other.rebuild(titled("Words"), revision=3)
    backend.client.request("PUT", f"/{backend.alias}-000009", {}, timeout_s=60)  # not ours: no state
    for revision in (1, 2):
        backend.rebuild(titled("Graphs"), revision=revision)
    assert (other.count(), other.revision()) == (1, 3)
    assert "test" not in backend.client.request("GET", f"/{backend.alias}-000009", timeout_s=60)


def test_an_index_of_an_older_layout_answers_and_is_not_written_to(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    _set_layout(backend, sorted(READABLE_LAYOUTS)[0])
    fresh = make_backend()
    assert fresh.is_outdated()
    assert fresh.search(Term("graphs"), Request()).total == 1
    with pytest.raises(IndexOutdated, match=r"run manage\.py rebuild_index"):
        fresh.update(titled("Words"), revision=2)
    fresh.rebuild(titled("Graphs"), revision=2)
    assert not fresh.is_outdated()


def test_an_index_of_another_version_asks_for_a_rebuild(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    _set_layout(backend, f"{LAYOUT}0")
    with pytest.raises(IndexOutdated, match=r"Another version .* run manage\.py rebuild_index"):
        make_backend().search(Everything(), Request())


def test_an_index_without_a_state_is_damaged_and_rebuilt(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    name = backend.indices.newest_state().name
    backend.client.request("PUT", f"/{name}/_mapping", {"_meta": {"application": "coolpapers"}}, timeout_s=60)
    with pytest.raises(IndexDamaged, match=r"run manage\.py rebuild_index"):
        make_backend().count()
    assert backend.rebuild(titled("Graphs", "Words"), revision=2) == 2
    assert make_backend().count() == 2


def test_searches_use_the_last_known_state_while_no_manager_answers(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    request = backend.client.request

    def without_manager(method: str, path: str, *args: object, **options: object) -> object:
        if path.endswith("/_mapping"):
            raise IndexUnavailable("no manager", cure="wait", is_transient=True)
        return request(method, path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(aliases, "STATE_AGE_S", 0.0)
    monkeypatch.setattr(backend.client, "request", without_manager)
    assert backend.search(Term("graphs"), Request()).total == 1
    with pytest.raises(IndexUnavailable, match="no manager"):
        backend.update(titled("Words"), revision=2)


def test_advice_names_missing_copies_and_the_limit_of_clauses(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    assert backend.advice() == []
    assert backend.verify() == []
    monkeypatch.setattr(backend.indices, "clause_limit", lambda: 1024)
    assert "max_clause_count" in backend.advice()[0][1]
    copied = make_backend(index=f"{backend.alias}-copied", replicas="1")
    name = copied.indices.create(revision=1, origin="").name
    copied.client.request("POST", "/_aliases", {"actions": [{"add": {"index": name, "alias": copied.alias}}]})
    assert "copies of shards" in copied.advice()[0][0]


def _set_layout(backend: object, layout: str) -> None:
    name = backend.indices.newest_state().name  # type: ignore[attr-defined]
    meta = {"application": "coolpapers", "layout": layout, "revision": 1, "origin": ""}
    backend.client.request("PUT", f"/{name}/_mapping", {"_meta": meta}, timeout_s=60)  # type: ignore[attr-defined]


def _killing_itself() -> Iterable[Document]:
    yield from titled("Words", "Words")
    os.kill(os.getpid(), signal.SIGKILL)
