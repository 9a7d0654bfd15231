"""One writer at a time, whichever machine it runs on: a document on the servers that the writer renews while it works.

A writer that was killed leaves its document behind. Another process of the same machine sees that the writer is dead
and takes over at once; a process elsewhere takes over when the document has not been renewed for a while.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from search.engines.opensearch.client import Client
from search.errors import IndexLocked, IndexMissing, IndexUnavailable

logger = logging.getLogger(__name__)

# Seconds without renewal after which a lock is over, and by how much the clocks of machines may differ.
LEASE_S = 60.0
CLOCKS_DIFFER_S = 30.0
_WAIT = "another process is writing to the search index; wait until it has finished"
_TIMEOUT_S = 30.0
_owners: set[str] = set()  # of the leases that this process holds


@dataclass(slots=True)
class Lease:
    """A lock that this process holds. ``version`` is that of its document."""

    owner: str
    version: tuple[int, int]
    lost: str = ""
    changing: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raise IndexLocked if another writer has taken over."""
        if self.lost:
            raise IndexLocked(f"This process has lost the lock of writers ({self.lost}); run the command again.")


class WriterLock:
    """The lock of the writers of one alias."""

    def __init__(self, client: Client, index: str, *, lease_s: float = LEASE_S) -> None:
        self.client = client
        self.index = index
        self.lease_s = lease_s

    @contextmanager
    def holding(self) -> Iterator[Lease]:
        """Hold the lock while the block runs. Raises IndexLocked at once where another writer holds it."""
        owner = uuid4().hex
        _owners.add(owner)
        try:
            lease = self._acquire(owner)
            stopped = threading.Event()
            renewing = threading.Thread(target=self._renew_until, args=(lease, stopped), daemon=True)
            renewing.start()
            try:
                yield lease
            finally:
                stopped.set()
                renewing.join()
                self._release(lease)
        finally:
            _owners.discard(owner)

    def _acquire(self, owner: str) -> Lease:
        try:
            held = self._read()
        except IndexMissing:
            self._make_index()
            held = None
        if held is None:
            version = self._put(owner, {"op_type": "create"})
        elif _is_over(held["_source"], time.time()):
            version = self._put(owner, {"if_seq_no": held["_seq_no"], "if_primary_term": held["_primary_term"]})
        else:
            version = None
        if version is None:
            who = f" ({held['_source']['host']}, process {held['_source']['pid']})" if held else ""
            raise IndexLocked(f"{_WAIT[0].upper()}{_WAIT[1:]}{who}.")
        return Lease(owner, version)

    def renew(self, lease: Lease) -> None:
        """Prove that this process still holds the lock. Raises IndexLocked if another one has taken over."""
        lease.check()
        with lease.changing:
            version = self._put(
                lease.owner, {"if_seq_no": lease.version[0], "if_primary_term": lease.version[1]}
            ) or self._version_of(lease.owner)
            if version is None:
                lease.lost = "another process took over"
            else:
                lease.version = version
        lease.check()

    def _renew_until(self, lease: Lease, stopped: threading.Event) -> None:
        while not stopped.wait(self.lease_s / 4):
            try:
                self.renew(lease)
            except IndexLocked:
                return
            except (IndexUnavailable, IndexMissing) as exc:  # try again; the lease lasts for some attempts
                logger.info("The lock of writers cannot be renewed now: %s", exc)

    def _release(self, lease: Lease) -> None:
        if lease.lost:
            return
        params = {"if_seq_no": lease.version[0], "if_primary_term": lease.version[1]}
        try:
            self._ask("DELETE", f"/{self.index}/_doc/writer", params=params)
        except (IndexUnavailable, IndexMissing) as exc:  # it ends by itself
            logger.info("The lock of writers is left to run out: %s", exc)

    def _put(self, owner: str, params: dict[str, Any]) -> tuple[int, int] | None:
        """Write the document; its new version, or None if another writer was faster."""
        body = {"owner": owner, "host": _machine(), "pid": os.getpid(), "until": time.time() + self.lease_s}
        answer = self._ask("PUT", f"/{self.index}/_doc/writer", body, params=params)
        return (answer["_seq_no"], answer["_primary_term"]) if answer.get("result") in ("created", "updated") else None

    def _version_of(self, owner: str) -> tuple[int, int] | None:
        """The version of the document if it is this owner's: an attempt whose answer was lost has renewed it."""
        held = self._read()
        return (held["_seq_no"], held["_primary_term"]) if held and held["_source"]["owner"] == owner else None

    def _read(self) -> Any:
        answer = self._ask("GET", f"/{self.index}/_doc/writer")
        return answer if answer.get("found") else None

    def _make_index(self) -> None:
        settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True}
        self.client.request(  # 400: another process has just made it
            "PUT", f"/{self.index}", {"settings": {"index": settings}}, timeout_s=_TIMEOUT_S, accepted=(400,)
        )

    def _ask(self, method: str, path: str, body: Any = None, *, params: dict[str, Any] | None = None) -> Any:
        return self.client.request(method, path, body, params=params, timeout_s=_TIMEOUT_S, accepted=(404, 409))


def _is_over(held: dict[str, Any], now: float) -> bool:
    """Whether a lock holds nobody off: it ran out, or its process on this machine is dead or has ended its work.

    A process whose server was lost could not remove its lock. It must not wait for itself when it tries again.
    """
    if held["host"] == _machine():
        pid = int(held["pid"])
        if not _is_alive(pid) or (pid == os.getpid() and held["owner"] not in _owners):
            return True
    return bool(now > float(held["until"]) + CLOCKS_DIFFER_S)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _machine() -> str:
    """This machine and its process numbers: containers may share the name of a machine and not its processes."""
    processes = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()} {processes.readlink() if processes.exists() else ''}".strip()
