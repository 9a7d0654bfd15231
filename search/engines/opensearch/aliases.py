"""Indices behind an alias, each with its state in ``_meta`` of its mapping. Start at :class:`AliasedIndices`.

::

    <alias>              the alias that searches and updates use
    <alias>-000003       an index
    <alias>-lock         the lock of writers (``locks``)

The words (``indices``) and the vectors (``search.neural.opensearch``) have an alias each, so that a rebuild of one
leaves the other alone.
"""

from __future__ import annotations

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from search.engines.opensearch.client import Client
from search.errors import IndexDamaged, IndexMissing, IndexUnavailable

# A process may learn so many seconds late of what another one has written.
STATE_AGE_S = 1.0
# Seconds that the cluster may take to make, move or delete an index; longer while a new manager is elected.
ADMIN_TIMEOUT_S = 60.0
# Seconds for a refresh, which builds the graph of the vectors that were written since the last one.
REFRESH_S = 300.0
_APPLICATION = "coolpapers"
_EVERY_INDEX = {"expand_wildcards": "all", "ignore_unavailable": "true"}


class NamedState(Protocol):
    """The state of one index."""

    @property
    def name(self) -> str: ...


S = TypeVar("S", bound=NamedState)


class AliasedIndices(ABC, Generic[S]):
    """The indices of one alias.

    ``cure`` is the command that makes a damaged one again; ``shards`` and ``replicas`` are those of new ones.
    """

    cure: str

    def __init__(self, client: Client, alias: str, *, shards: int = 1, replicas: str = "0-1") -> None:
        self.client = client
        self.alias = alias
        self.shards = shards
        self.replicas = replicas
        self._known: tuple[float, S] | None = None
        self._asking = threading.Lock()

    @abstractmethod
    def read_meta(self, name: str, meta: Mapping[str, Any]) -> S:
        """The state of an index. Raises KeyError, TypeError or ValueError where it is damaged, or IndexOutdated."""

    @abstractmethod
    def write_meta(self, state: S) -> dict[str, Any]:
        """The inverse of :meth:`read_meta`."""

    # ---- the current index ----------------------------------------------------------------------

    def state(self) -> S:
        """The current index, as it was at most :data:`STATE_AGE_S` ago; as last known while no manager answers.

        Raises
        ------
        IndexMissing, IndexDamaged, IndexOutdated, IndexUnavailable
        """
        known = self._known
        if known is not None and time.monotonic() - known[0] < STATE_AGE_S:
            return known[1]
        if known is None:
            return self.newest_state()
        if not self._asking.acquire(blocking=False):  # another thread asks
            return known[1]
        try:
            return self.newest_state()
        except IndexUnavailable as exc:
            if not exc.is_transient:
                raise
            self._known = (time.monotonic(), known[1])
            return known[1]
        finally:
            self._asking.release()

    def newest_state(self) -> S:
        """As :meth:`state`, of this moment."""
        try:
            mappings = self.ask("GET", f"/{self.alias}/_mapping", params={"filter_path": "*.mappings._meta"})
            state = self._only_state(mappings)
        except (IndexMissing, IndexDamaged):
            self._known = None
            raise
        self._remember(state)
        return state

    def store_state(self, state: S) -> None:
        """Store the state that the documents of an index have reached."""
        self.ask("PUT", f"/{state.name}/_mapping", {"_meta": self._meta(state)})
        if self._known is not None and self._known[1].name == state.name:
            self._remember(state)

    # ---- the life of an index -------------------------------------------------------------------

    def next_name(self) -> str:
        """The name of the next index."""
        number = max((int(name.rpartition("-")[2]) for name in self.own_metas()), default=0) + 1
        return f"{self.alias}-{number:06}"

    def make(self, state: S, body: dict[str, Any]) -> None:
        """Make an empty index, with the state in its mapping."""
        body = {**body, "mappings": {**body["mappings"], "_meta": self._meta(state)}}
        # Wait for the copies too, where there are nodes for them: a document is safe once it is on two nodes.
        self.ask("PUT", f"/{state.name}", body, params={"wait_for_active_shards": "all", "timeout": "10s"})

    def publish(self, state: S) -> None:
        """Move the alias to a complete index and delete the former one, in one step."""
        former = [{"remove_index": {"index": name}} for name in sorted(self.owners() - {state.name})]
        self.ask("POST", "/_aliases", {"actions": [*former, {"add": {"index": state.name, "alias": self.alias}}]})
        self._remember(state)

    def delete(self, name: str) -> None:
        self.ask("DELETE", f"/{name}", params={"ignore_unavailable": "true"})

    def refresh(self, name: str) -> None:
        """Make what was written visible to searches."""
        self.client.request("POST", f"/{name}/_refresh", timeout_s=REFRESH_S)

    def health(self, name: str) -> dict[str, Any]:
        """The health of an index: ``status`` is green, yellow (copies are missing) or red (documents are missing)."""
        answer: dict[str, Any] = self.ask("GET", f"/_cluster/health/{name}", params={"timeout": "0s"})
        return answer

    def owners(self) -> set[str]:
        """The indices that the alias names: one, or none before the first rebuild."""
        try:
            return set(self.ask("GET", f"/_alias/{self.alias}"))
        except IndexMissing:
            return set()

    def own_metas(self) -> dict[str, dict[str, Any]]:
        """All indices that were made for this alias, whatever became of them, and their states as stored."""
        params = {"filter_path": "*.mappings._meta", **_EVERY_INDEX}
        mappings = self.ask("GET", f"/{self.alias}-*/_mapping", params=params)
        is_name = re.compile(rf"{re.escape(self.alias)}-\d{{6,}}").fullmatch
        metas = {name: mapping["mappings"]["_meta"] for name, mapping in mappings.items() if is_name(name)}
        return {name: meta for name, meta in metas.items() if meta.get("application") == _APPLICATION}

    def ask(self, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None) -> Any:
        """A request, with more time for changes than for questions."""
        timeout_s = None if method == "GET" else ADMIN_TIMEOUT_S
        return self.client.request(method, path, body, params=params, timeout_s=timeout_s)

    # ---- private --------------------------------------------------------------------------------

    def _remember(self, state: S) -> None:
        self._known = (time.monotonic(), state)

    def _meta(self, state: S) -> dict[str, Any]:
        return {"application": _APPLICATION, **self.write_meta(state)}

    def _only_state(self, mappings: dict[str, Any]) -> S:
        if len(mappings) != 1:
            found = f"names {len(mappings)} indices" if mappings else "has no state"
            raise IndexDamaged(f"The alias {self.alias} on the OpenSearch servers {found}; {self.cure}.")
        ((name, mapping),) = mappings.items()
        try:
            return self.read_meta(name, mapping["mappings"]["_meta"])
        except (KeyError, TypeError, ValueError) as exc:
            raise IndexDamaged(f"The state of the index {name} is damaged ({exc!r}); {self.cure}.") from exc
