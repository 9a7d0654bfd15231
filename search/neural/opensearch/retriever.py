"""The vectors of a library on OpenSearch, and the encoder here. Start at :class:`OpenSearchRetriever`."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from search.base.aliases import ShouldStop, never_stop
from search.engines.opensearch.client import Client, Servers
from search.engines.opensearch.locks import WriterLock
from search.errors import DenseUnavailable, IndexDamaged, IndexMissing, IndexUnavailable, SearchError
from search.neural.dense import VectorRetriever
from search.neural.encoding import LOAD_PATIENCE_S, encode_slices
from search.neural.opensearch.indices import EMBED, VectorIndices, VectorState
from search.neural.opensearch.reading import ServedReader, as_dense_unavailable
from search.neural.opensearch.writing import Model, Papers, VectorWriter
from search.neural.readers import VectorReader

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from rerank.vectors.vector_store import VectorReport
    from search.base.aliases import Vectors
    from search.neural.former import FormerEncoder

logger = logging.getLogger(__name__)

PLUGIN = "opensearch-knn"
# Seconds for which the answer "there are no vectors" or "no server answers" is kept: pages ask several times.
FAILURE_AGE_S = 1.0
PLUGINS_AGE_S = 60.0


class OpenSearchRetriever(VectorRetriever):
    """The vectors of a library in an index of their own on OpenSearch.

    Where the servers lack the k-NN plugin, the vectors are searched in the folder ``path``, as without OpenSearch.
    Vectors in that folder, of the same encoder, are copied instead of embedding their texts again.

    Parameters
    ----------
    servers : the options of :class:`search.engines.opensearch.OpenSearchBackend`; the alias of the vectors is that of
        the words with ``-vectors``
    options : those of :class:`VectorRetriever`
    """

    def __init__(self, *, servers: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        timeout_s = float(servers.get("timeout_s", 5.0))
        self.client = Client(Servers(tuple(servers["urls"]), ca_file=servers.get("ca_file", ""), timeout_s=timeout_s))
        self.alias = f"{servers.get('index', 'coolpapers')}-vectors"
        self.indices = VectorIndices(
            self.client, self.alias, shards=servers.get("shards", 1), replicas=servers.get("replicas", "0-1")
        )
        self._writer = VectorWriter(self.client, self.indices, WriterLock(self.client, f"{self.alias}-lock"))
        self._failure: tuple[float, SearchError] | None = None
        self._lacks_plugin: tuple[float, bool] | None = None
        self._reader: ServedReader | None = None
        self._counted: tuple[object, int] | None = None

    # ---- reading --------------------------------------------------------------------------------

    def reader(self) -> VectorReader:
        return super().reader() if self._is_local() else self._served()

    def version(self) -> object:
        return super().version() if self._is_local() else _stamp_of(self._served().state)

    def identity(self) -> str:
        if self._is_local():
            return super().identity()
        try:
            return f"{self.model}:{_stamp_of(self._served_state())}"
        except SearchError:
            return f"{self.model}:{self.alias}"

    def keys(self) -> list[str]:
        return super().keys() if self._is_local() else self._served().keys()

    def text_hashes(self, keys: Sequence[str]) -> list[str]:
        if self._is_local():
            return super().text_hashes(keys)
        hashes = self._served().text_hashes(keys)
        return [hashes.get(key, "") for key in keys]

    def text_lookup(self) -> Callable[[str], bool]:
        from rerank.artifacts import content_hash

        in_folder = super().text_lookup()
        if self._is_local():
            return in_folder
        try:
            hashes = self._served().all_text_hashes()
        except DenseUnavailable:
            hashes = set()
        return lambda text: content_hash(text).hex() in hashes or in_folder(text)

    def has_vectors(self) -> bool:
        """Whether there are any, as far as is known: an outage is no reason to rank without them unseen."""
        if self._is_local():
            return super().has_vectors()
        try:
            self._served_state()
        except IndexMissing:
            return False
        except SearchError:
            return True
        return True

    def was_built(self) -> bool:
        return super().was_built() if self._is_local() else self.has_vectors()

    def former(self) -> FormerEncoder | None:
        """None for vectors on the servers: those of another encoder answer nobody."""
        return super().former() if self._is_local() else None

    def strange_model(self) -> str:
        return super().strange_model() if self._is_local() else ""

    def settle(self) -> None:
        if self._is_local():
            super().settle()

    def has_old_layout(self) -> bool:
        return super().has_old_layout() if self._is_local() else False

    def count(self) -> int:
        if self._is_local():
            return super().count()
        try:
            served = self._served()
            stamp = _stamp_of(served.state)
            if self._counted is None or self._counted[0] != stamp:
                self._counted = (stamp, served.count())
            return self._counted[1]
        except DenseUnavailable:
            return 0

    def _state_of_library(self) -> Mapping[str, Any]:
        try:
            state = self._served().state
        except DenseUnavailable:
            return {}
        return {"revision": state.revision, "origin": state.origin}

    def revision(self) -> int:
        return super().revision() if self._is_local() else int(self._state_of_library().get("revision", 0))

    def origin(self) -> str:
        return super().origin() if self._is_local() else str(self._state_of_library().get("origin", ""))

    # ---- checks ---------------------------------------------------------------------------------

    def damage(self) -> str:
        if self._is_local():
            return super().damage()
        try:
            self._served_state()
        except IndexDamaged as exc:
            return str(exc)
        except SearchError:  # an outage, or nothing was built
            return ""
        return ""

    def verify(self) -> list[str]:
        """The servers check their files themselves; a shard that is on no node is an outage."""
        if self._is_local():
            return super().verify()
        with as_dense_unavailable():
            name = self._served().state.name
            if self.indices.health(name)["status"] == "red":
                message = f"Parts of the vectors {name} are on no node of the OpenSearch cluster."
                cure = f"start the missing nodes; if they are lost, delete {name} and {EMBED}"
                raise IndexUnavailable(message, cure=cure, is_transient=True)
        return []

    def advice(self) -> tuple[StrOrPromise, StrOrPromise] | None:
        if self._is_local():
            message = gettext_lazy("OpenSearch has no k-NN plugin: vectors are searched in files of each web server.")
            cure = gettext_lazy("install {plugin} on all nodes, then {command}")
            return message, format_lazy(cure, plugin=PLUGIN, command=EMBED)
        try:
            state = self.indices.newest_state()
            health = self.indices.health(state.name)
        except (IndexMissing, IndexDamaged):
            return None
        except IndexUnavailable as exc:
            return str(exc), exc.cure
        if health["status"] == "red":
            message = gettext_lazy("Parts of the vectors {name} are on no node of the cluster.")
            return format_lazy(message, name=state.name), gettext_lazy("start the missing nodes")
        if health["status"] == "yellow":
            message = gettext_lazy("{n_copies} copies of shards are on no node: the loss of a node could lose vectors.")
            return format_lazy(message, n_copies=health["unassigned_shards"]), gettext_lazy(
                "add nodes, or lower replicas"
            )
        if state.model_hash != self.model_hash():
            message = gettext_lazy("The vectors on the servers are those of another encoder ({model}).")
            return format_lazy(message, model=state.model), EMBED
        return None

    # ---- writing --------------------------------------------------------------------------------

    def update(
        self,
        keys: Sequence[str],
        texts: Sequence[str],
        *,
        removed: Sequence[str],
        revision: int,
        origin: str = "",
        should_stop: ShouldStop = never_stop,
        progress: Callable[[int, int], None] | None = None,
        yields_to_searches: bool = False,
    ) -> VectorReport:
        from rerank.artifacts import content_hash

        if self._is_local():
            return super().update(
                keys,
                texts,
                removed=removed,
                revision=revision,
                origin=origin,
                should_stop=should_stop,
                progress=progress,
                yields_to_searches=yields_to_searches,
            )
        encoder = self.encoder(wait_s=LOAD_PATIENCE_S)
        encode = functools.partial(encode_slices, encoder) if yields_to_searches else encoder.encode
        try:
            with as_dense_unavailable():
                return self._writer.update(
                    Model(encoder.name, encoder.model_hash, encode),
                    Papers(keys, texts, [content_hash(text) for text in texts], removed),
                    state={"revision": revision, "origin": origin},
                    cached=self._of_folder,
                    stop=should_stop,
                    progress=progress,
                )
        finally:
            self._failure = None

    def discard_salvaged(self) -> None:
        if self._is_local():
            super().discard_salvaged()

    # ---- private --------------------------------------------------------------------------------

    def _of_folder(self, hashes: Sequence[bytes]) -> Mapping[bytes, Vectors]:
        """Those vectors that the local folder has."""
        if not super().has_vectors():
            return {}
        try:
            return self.open_own_vectors().vectors_of_texts(hashes)
        except DenseUnavailable:
            return {}

    def _served(self) -> ServedReader:
        """The vectors on the servers. Raises DenseUnavailable."""
        with as_dense_unavailable():
            state = self._served_state()
        if state.model_hash != self.model_hash():
            message = f"the vectors on the OpenSearch servers are those of another encoder ({state.model}); {EMBED}"
            raise DenseUnavailable(message)
        reader = self._reader
        if reader is None or _stamp_of(reader.state) != _stamp_of(state):
            reader = ServedReader(self.client, state)
        reader.state = state
        self._reader = reader
        return reader

    def _served_state(self) -> VectorState:
        """The state of the index, as it was a second ago. Raises SearchError."""
        if self._failure is not None and time.monotonic() - self._failure[0] < FAILURE_AGE_S:
            raise self._failure[1]
        try:
            return self.indices.state()
        except SearchError as exc:
            self._failure = (time.monotonic(), exc)
            raise

    def _is_local(self) -> bool:
        """Whether the servers cannot hold vectors. They are asked only while they hold none."""
        try:
            self._served_state()
        except IndexMissing:
            return self._is_plugin_missing()
        except SearchError:
            return False
        return False

    def _is_plugin_missing(self) -> bool:
        if self._lacks_plugin is None or time.monotonic() - self._lacks_plugin[0] > PLUGINS_AGE_S:
            try:
                lacks = self._nodes_lack_plugin()
            except SearchError:  # the user may not ask, or no server answers
                lacks = False
            if lacks and not (self._lacks_plugin and self._lacks_plugin[1]):
                logger.warning("OpenSearch has no k-NN plugin: vectors are searched in %s.", self.path)
            self._lacks_plugin = (time.monotonic(), lacks)
        return self._lacks_plugin[1]

    def _nodes_lack_plugin(self) -> bool:
        """Whether a node that holds documents lacks the plugin."""
        plugins = self.client.request("GET", "/_cat/plugins", params={"format": "json", "h": "name,component"})
        nodes = self.client.request("GET", "/_cat/nodes", params={"format": "json", "h": "name,node.role"})
        holders = {node["name"] for node in nodes if "d" in node["node.role"]}
        return bool(holders - {plugin["name"] for plugin in plugins if plugin["component"] == PLUGIN})


def _stamp_of(state: VectorState) -> str:
    """The same while no vector changes."""
    return f"{state.name}:{state.changed}"
