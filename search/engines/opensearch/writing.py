"""Bulk writes: in parts, some at a time, with patience for servers that are too busy."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from search.engines.documents import Document
from search.engines.opensearch.client import Client, to_json
from search.engines.opensearch.mapping import document_id, document_source
from search.errors import IndexUnavailable, IndexUnwritable

# One request: so many bytes or documents. Larger ones are no faster, and the server keeps them in memory.
PART_BYTES = 2_000_000
PART_DOCUMENTS = 500
# Requests on the way at a time: the server indexes one while the next is being prepared.
PARTS_ON_THE_WAY = 2
# Seconds for one request, which waits while the cluster replaces a lost node; and without any progress.
REQUEST_S = 90.0
PATIENCE_S = 300.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 10.0
_BUSY = frozenset({429, 502, 503, 504})
# Keys that a message names.
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write or delete, as the lines of a bulk request."""

    key: str
    lines: bytes


def index_actions(documents: Iterable[Document], *, revision: int) -> Iterator[Action]:
    """Actions that write documents, unless the index has them at a later revision."""
    for document in documents:
        source = to_json(document_source(document))
        yield Action(document["key"], write_header("index", document["key"], revision) + source + b"\n")


def delete_actions(keys: Iterable[str], *, revision: int) -> Iterator[Action]:
    """Actions that delete documents, unless the index has them at a later revision."""
    for key in keys:
        yield Action(key, write_header("delete", key, revision))


class BulkWriter:
    """Writes actions to an index; ``sleep`` is replaced in tests."""

    def __init__(self, client: Client, index: str, *, patience_s: float = PATIENCE_S) -> None:
        self.client = client
        self.index = index
        self.patience_s = patience_s

    def write(self, actions: Iterable[Action]) -> int:
        """Write all actions; return how many documents the index did not have before.

        Raises
        ------
        IndexUnavailable
            If the servers did not take them in time.
        IndexUnwritable
            If they refused some for good; the message has their keys. Others may have been written.
        """
        created = 0
        with ThreadPoolExecutor(PARTS_ON_THE_WAY, thread_name_prefix="bulk") as sending:
            on_the_way: set[Future[int]] = set()
            try:
                for part in in_parts(actions):
                    on_the_way.add(sending.submit(self._send, part))
                    if len(on_the_way) > PARTS_ON_THE_WAY:
                        done, on_the_way = wait(on_the_way, return_when=FIRST_COMPLETED)
                        created += sum(future.result() for future in done)
                return created + sum(future.result() for future in on_the_way)
            finally:
                for future in on_the_way:
                    future.cancel()

    def _send(self, part: list[Action]) -> int:
        """Send a part until every action was taken; those that a busy server refuses are sent again after a pause."""
        created, pause = 0, _FIRST_PAUSE_S
        end = time.monotonic() + self.patience_s
        while part:
            problem: IndexUnavailable | None = None
            n_before = len(part)
            try:
                part, n_created, reason = self._send_once(part)
                created += n_created
                if part:
                    message = f"OpenSearch is too busy to write ({reason})."
                    problem = IndexUnavailable(message, cure=gettext_noop("wait, or add nodes"), is_transient=True)
            except IndexUnavailable as exc:
                problem = exc
            if problem is None:
                break
            now = time.monotonic()
            if len(part) < n_before:
                end = now + self.patience_s
            if not problem.is_transient or now > end:
                raise problem
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 # so that writers do not return together
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        return created

    def _send_once(self, part: list[Action]) -> tuple[list[Action], int, str]:
        """The actions that were not taken now, the number of new documents, and why."""
        answer = self.client.request(
            "POST",
            f"/{self.index}/_bulk",
            b"".join(action.lines for action in part),
            params={"timeout": f"{int(REQUEST_S) - 10}s"},
            timeout_s=REQUEST_S,
        )
        results = [next(iter(item.values())) for item in answer["items"]]
        created = sum(result.get("result") == "created" for result in results)
        if not answer["errors"]:
            return [], created, ""
        pairs = list(zip(part, results, strict=True))
        refused = [(action.key, _reason(result)) for action, result in pairs if _is_refused(result)]
        if refused:
            raise IndexUnwritable(_refusal(refused))
        busy = [(action, result) for action, result in pairs if int(result["status"]) in _BUSY]
        return [action for action, _ in busy], created, _reason(busy[0][1]) if busy else ""


def in_parts(actions: Iterable[Action]) -> Iterator[list[Action]]:
    """Parts of at most PART_DOCUMENTS actions, of about PART_BYTES at most."""
    part: list[Action] = []
    size = 0
    for action in actions:
        part.append(action)
        size += len(action.lines)
        if size >= PART_BYTES or len(part) >= PART_DOCUMENTS:
            yield part
            part, size = [], 0
    if part:
        yield part


def write_header(name: str, key: str, revision: int) -> bytes:
    """The line before a document: ``name`` is what is done with it, ``revision`` gives its version."""
    # Versions begin at 1. "gte": the same update may be repeated.
    action = {"_id": document_id(key), "version": max(revision, 0) + 1, "version_type": "external_gte"}
    return to_json({name: action}) + b"\n"


def _is_refused(result: dict[str, Any]) -> bool:
    """Whether the server will never take it. It keeps a later revision, and need not delete what it lacks."""
    status = int(result["status"])
    if "error" not in result or status == 409:
        return False
    return status not in _BUSY or "disk" in _reason(result)


def _reason(result: dict[str, Any]) -> str:
    error = result.get("error")
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by") or {}
    return " ".join(f"{error.get('reason')} {cause.get('reason', '')}".split())[:300]


def _refusal(refused: list[tuple[str, str]]) -> str:
    keys = ", ".join(key for key, _ in refused[:_MAX_NAMED])
    more = f" and {len(refused) - _MAX_NAMED} more" if len(refused) > _MAX_NAMED else ""
    cure = "free disk space on the nodes" if "disk" in refused[0][1] else "correct these papers, then run it again"
    return f"OpenSearch refuses to write {keys}{more}: {refused[0][1]}; {cure}."
