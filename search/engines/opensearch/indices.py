"""The life of the index of words: every rebuild makes a new one, and an alias names the current one.

A rebuild fills a new index and then moves the alias, in one step of the cluster. If it is killed before that, the
alias still names the old index, and the next rebuild deletes the incomplete one. The state of an index is its revision,
origin and layout.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.engines.opensearch.aliases import AliasedIndices
from search.engines.opensearch.mapping import LAYOUT, READABLE_LAYOUTS, index_body
from search.errors import IndexOutdated, IndexUnavailable

logger = logging.getLogger(__name__)

REBUILD = "run manage.py rebuild_index"
# Clauses that a query of 256 words may have. The default of the server is 1,024.
MAX_CLAUSES = 8192
CLAUSE_LIMIT = "indices.query.bool.max_clause_count"


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index by its name, and the state of the library that it contains."""

    name: str
    revision: int
    layout: str
    origin: str = ""


class Indices(AliasedIndices[IndexState]):
    """The indices of one alias."""

    cure = REBUILD

    def read_meta(self, name: str, meta: Mapping[str, Any]) -> IndexState:
        state = IndexState(name, int(meta["revision"]), str(meta["layout"]), str(meta.get("origin", "")))
        if state.layout != LAYOUT and state.layout not in READABLE_LAYOUTS:
            raise IndexOutdated(f"Another version built the search index {name} ({state.layout}); {REBUILD}.")
        return state

    def write_meta(self, state: IndexState) -> dict[str, Any]:
        return {"layout": state.layout, "revision": state.revision, "origin": state.origin}

    def create(self, *, revision: int, origin: str) -> IndexState:
        """Make a new, empty index beside the current one. Leftovers of killed rebuilds are deleted.

        Nobody reads its state before it is published, so it is that of the complete index from the beginning.
        """
        state = IndexState(self.next_name(), revision, LAYOUT, origin)
        for name in self.own_metas().keys() - self.owners():
            logger.warning("Deleting %s, which a rebuild left behind.", name)
            self.delete(name)
        self._raise_clause_limit()
        self.make(state, index_body(shards=self.shards, replicas=self.replicas))
        return state

    def clause_limit(self) -> int:
        """Most clauses that the server allows in one query."""
        params = {"include_defaults": "true", "flat_settings": "true"}
        settings = self.ask("GET", "/_cluster/settings", params=params)
        for scope in ("transient", "persistent", "defaults"):
            if CLAUSE_LIMIT in settings.get(scope, {}):
                return int(settings[scope][CLAUSE_LIMIT])
        return MAX_CLAUSES  # a server without this limit

    def _raise_clause_limit(self) -> None:
        try:
            if self.clause_limit() < MAX_CLAUSES:
                self.ask("PUT", "/_cluster/settings", {"persistent": {CLAUSE_LIMIT: MAX_CLAUSES}})
        except IndexUnavailable as exc:
            if exc.is_transient:
                raise
            logger.warning("Queries of very many words will be refused: %s cannot be raised: %s", CLAUSE_LIMIT, exc)


def writable_state(state: IndexState) -> IndexState:
    """The state, if this version may add to the index. Raises IndexOutdated."""
    if state.layout != LAYOUT:
        raise IndexOutdated(f"An older version built the search index {state.name}; {REBUILD}.")
    return state
