from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from search.engines.opensearch import locks
from search.engines.opensearch.locks import WriterLock
from search.engines.results import Request
from search.errors import IndexLocked
from search.language.query import Term
from tests.opensearch_server import needs_opensearch
from tests.search.engines.opensearch.conftest import MakeBackend
from tests.search.make import titled

pytestmark = needs_opensearch


def test_a_second_writer_is_refused_and_searches_go_on(make_backend: MakeBackend) -> None:
    backend, other = make_backend(), make_backend()
    backend.rebuild(titled("Graphs"), revision=1)
    with other.lock.holding():
        for write in (backend.update, backend.rebuild):
            with pytest.raises(IndexLocked, match="wait until it has finished"):
                write(titled("Words"), revision=2)
        assert backend.search(Term("graphs"), Request()).total == 1
    assert backend.update(titled("Words"), revision=2) == 1


def test_the_lock_of_a_dead_process_of_this_machine_is_taken_over_at_once(make_backend: MakeBackend) -> None:
    backend = make_backend()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with backend.lock.holding():
        pass
    _write_lock(backend.lock, pid=ended.pid, until=time.time() + 1000)
    with backend.lock.holding() as lease:
        lease.check()


def test_a_process_that_could_not_release_its_lock_does_not_wait_for_itself(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make_backend()
    with monkeypatch.context() as lost:  # as when the node that was asked has been killed
        lost.setattr(WriterLock, "_release", lambda _lock, _lease: None)
        with backend.lock.holding():
            pass
    with backend.lock.holding() as lease:
        lease.check()
        with pytest.raises(IndexLocked), make_backend().lock.holding():
            pass


def test_the_lock_of_another_machine_is_taken_over_when_it_is_not_renewed(
    make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make_backend()
    with backend.lock.holding():
        pass
    _write_lock(backend.lock, host="elsewhere", pid=1, until=time.time() + 1)
    with pytest.raises(IndexLocked, match=r"elsewhere, process 1"), backend.lock.holding():
        pass
    monkeypatch.setattr(locks, "CLOCKS_DIFFER_S", -2.0)
    with backend.lock.holding() as lease:
        lease.check()


def test_a_writer_that_was_overtaken_does_not_publish(make_backend: MakeBackend) -> None:
    backend, other = make_backend(), make_backend()
    backend.rebuild(titled("Graphs"), revision=1)

    def documents() -> object:
        yield from titled("Words", "Words")
        _write_lock(other.lock, host="elsewhere", pid=1, until=time.time() + 1000)

    with pytest.raises(IndexLocked, match="has lost the lock"):
        backend.rebuild(documents(), revision=2)  # type: ignore[arg-type]
    assert (backend.indices.newest_state().revision, backend.count()) == (1, 1)


def test_a_lease_is_renewed_while_the_writer_works(make_backend: MakeBackend) -> None:
    backend = make_backend()
    lock = WriterLock(backend.client, f"{backend.alias}-lock", lease_s=0.4)
    with lock.holding() as lease:
        first = lease.version
        time.sleep(0.5)
        assert lease.version > first
        lease.check()


def _write_lock(lock: WriterLock, *, host: str | None = None, pid: int = os.getpid(), until: float) -> None:
    body = {"owner": "another", "host": host or locks._machine(), "pid": pid, "until": until}
    lock.client.request("PUT", f"/{lock.index}/_doc/writer", body, timeout_s=60)
