"""The life of an index: every rebuild makes a new one, and an alias names the current one.

::

    <alias>              the alias that searches and updates use
    <alias>-000003       an index; its mapping's ``_meta`` has revision, origin and layout
    <alias>-lock         the lock of writers (``locks``)

A rebuild fills a new index and then moves the alias, in one step of the cluster. If it is killed before that, the
alias still names the old index, and the next rebuild deletes the incomplete one.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.engines.opensearch.client import Client
from search.engines.opensearch.mapping import LAYOUT, READABLE_LAYOUTS, index_body
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, IndexUnavailable

logger = logging.getLogger(__name__)

REBUILD = "run manage.py rebuild_index"
# A process may learn so many seconds late of what another one has written.
STATE_AGE_S = 1.0
# Clauses that a query of 256 words may have. The default of the server is 1,024.
MAX_CLAUSES = 8192
CLAUSE_LIMIT = "indices.query.bool.max_clause_count"
_APPLICATION = "coolpapers"
# Seconds that the cluster may take to make, move or delete an index; longer while a new manager is elected.
_ADMIN_TIMEOUT_S = 60.0
_EVERY_INDEX = {"expand_wildcards": "all", "ignore_unavailable": "true"}


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index by its name, and the state of the library that it contains."""

    name: str
    revision: int
    layout: str
    origin: str = ""


class Indices:
    """The indices of one alias. ``shards`` and ``replicas`` are those of new ones."""

    def __init__(self, client: Client, alias: str, *, shards: int, replicas: str) -> None:
        self.client = client
        self.alias = alias
        self.shards = shards
        self.replicas = replicas
        self._known: tuple[float, IndexState] | None = None
        self._asking = threading.Lock()

    # ---- the current index ----------------------------------------------------------------------

    def state(self) -> IndexState:
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

    def newest_state(self) -> IndexState:
        """As :meth:`state`, of this moment."""
        try:
            mappings = self._ask("GET", f"/{self.alias}/_mapping", params={"filter_path": "*.mappings._meta"})
            state = _read_state(self.alias, mappings)
        except (IndexMissing, IndexDamaged):
            self._known = None
            raise
        self._remember(state)
        return state

    def store_state(self, state: IndexState) -> None:
        """Store the revision that the documents of an index have reached."""
        self._ask("PUT", f"/{state.name}/_mapping", {"_meta": _meta(state)})
        if self._known is not None and self._known[1].name == state.name:
            self._remember(state)

    # ---- rebuilds -------------------------------------------------------------------------------

    def create(self, *, revision: int, origin: str) -> IndexState:
        """Make a new, empty index beside the current one. Leftovers of killed rebuilds are deleted.

        Nobody reads its state before :meth:`publish`, so it is that of the complete index from the beginning.
        """
        current = self._owners()
        names = self._own_indices()
        for name in names - current:
            logger.warning("Deleting %s, which a rebuild left behind.", name)
            self.delete(name)
        number = max((int(name.rpartition("-")[2]) for name in names), default=0) + 1
        state = IndexState(f"{self.alias}-{number:06}", revision, LAYOUT, origin)
        body = index_body(shards=self.shards, replicas=self.replicas, meta=_meta(state))
        self._raise_clause_limit()
        # Wait for the copies too, where there are nodes for them: a document is safe once it is on two nodes.
        self._ask("PUT", f"/{state.name}", body, params={"wait_for_active_shards": "all", "timeout": "10s"})
        return state

    def publish(self, state: IndexState) -> None:
        """Move the alias to a complete index and delete the former one, in one step."""
        former = [{"remove_index": {"index": name}} for name in sorted(self._owners())]
        self._ask("POST", "/_aliases", {"actions": [*former, {"add": {"index": state.name, "alias": self.alias}}]})
        self._remember(state)

    def delete(self, name: str) -> None:
        self._ask("DELETE", f"/{name}", params={"ignore_unavailable": "true"})

    def refresh(self, name: str) -> None:
        """Make what was written visible to searches."""
        self._ask("POST", f"/{name}/_refresh")

    def health(self, name: str) -> dict[str, Any]:
        """The health of an index: ``status`` is green, yellow (copies are missing) or red (documents are missing)."""
        answer: dict[str, Any] = self._ask("GET", f"/_cluster/health/{name}", params={"timeout": "0s"})
        return answer

    def clause_limit(self) -> int:
        """Most clauses that the server allows in one query."""
        params = {"include_defaults": "true", "flat_settings": "true"}
        settings = self._ask("GET", "/_cluster/settings", params=params)
        for scope in ("transient", "persistent", "defaults"):
            if CLAUSE_LIMIT in settings.get(scope, {}):
                return int(settings[scope][CLAUSE_LIMIT])
        return MAX_CLAUSES  # a server without this limit

    def _raise_clause_limit(self) -> None:
        try:
            if self.clause_limit() < MAX_CLAUSES:
                self._ask("PUT", "/_cluster/settings", {"persistent": {CLAUSE_LIMIT: MAX_CLAUSES}})
        except IndexUnavailable as exc:
            if exc.is_transient:
                raise
            logger.warning("Queries of very many words will be refused: %s cannot be raised: %s", CLAUSE_LIMIT, exc)

    def _owners(self) -> set[str]:
        """The indices that the alias names: one, or none before the first rebuild."""
        try:
            return set(self._ask("GET", f"/_alias/{self.alias}"))
        except IndexMissing:
            return set()

    def _own_indices(self) -> set[str]:
        """All indices that rebuilds of this alias made, whatever became of them."""
        params = {"filter_path": "*.mappings._meta", **_EVERY_INDEX}
        mappings = self._ask("GET", f"/{self.alias}-*/_mapping", params=params)
        is_name = re.compile(rf"{re.escape(self.alias)}-\d{{6,}}").fullmatch
        return {
            name
            for name, mapping in mappings.items()
            if is_name(name) and mapping["mappings"]["_meta"].get("application") == _APPLICATION
        }

    def _remember(self, state: IndexState) -> None:
        self._known = (time.monotonic(), state)

    def _ask(self, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None) -> Any:
        timeout_s = None if method == "GET" else _ADMIN_TIMEOUT_S
        return self.client.request(method, path, body, params=params, timeout_s=timeout_s)


def writable_state(state: IndexState) -> IndexState:
    """The state, if this version may add to the index. Raises IndexOutdated."""
    if state.layout != LAYOUT:
        raise IndexOutdated(f"An older version built the search index {state.name}; {REBUILD}.")
    return state


def _meta(state: IndexState) -> dict[str, Any]:
    return {
        "application": _APPLICATION,
        "layout": state.layout,
        "revision": state.revision,
        "origin": state.origin,
    }


def _read_state(alias: str, mappings: dict[str, Any]) -> IndexState:
    if len(mappings) != 1:
        found = f"names {len(mappings)} indices" if mappings else "has no state"
        raise IndexDamaged(f"The alias {alias} on the OpenSearch servers {found}; {REBUILD}.")
    ((name, mapping),) = mappings.items()
    meta = mapping["mappings"]["_meta"]
    try:
        state = IndexState(name, int(meta["revision"]), str(meta["layout"]), str(meta.get("origin", "")))
    except (KeyError, TypeError, ValueError) as exc:
        raise IndexDamaged(f"The state of the search index {name} is damaged ({exc!r}); {REBUILD}.") from exc
    if state.layout != LAYOUT and state.layout not in READABLE_LAYOUTS:
        raise IndexOutdated(f"Another version built the search index {name} ({state.layout}); {REBUILD}.")
    return state
