"""The index of vectors: its mapping, the form of a vector in it, and its life.

An index has the vectors of one encoder. With another encoder a new one is filled beside it, and the alias moves when
the first update is complete. An interrupted update leaves what it has embedded in the index, and the next one goes on.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.engines.opensearch.aliases import AliasedIndices
from search.engines.opensearch.mapping import MAX_VALUE_CHARS, copies_of
from search.errors import IndexOutdated

if TYPE_CHECKING:
    from search.base.aliases import Vectors

logger = logging.getLogger(__name__)

EMBED = "run manage.py embed_papers"
LAYOUT = "vectors-1"  # changed with the mapping
GRAPH_LINKS = 16  # of a node (HNSW's M)
GRAPH_BUILD_DEPTH = 100  # efConstruction
# Keys that a filter may name.
MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class VectorState:
    """An index of vectors by its name.

    Attributes
    ----------
    revision, origin : the state of the library that the vectors have reached
    writer : the number of the last update that began; documents carry it as their version, so that a writer that was
        held up cannot replace what a later one has written
    changed : the number of the last update that changed a vector
    """

    name: str
    model: str
    model_hash: str
    dim: int
    revision: int = 0
    origin: str = ""
    writer: int = 0
    changed: int = 0


class VectorIndices(AliasedIndices[VectorState]):
    """The indices of one alias."""

    cure = EMBED

    def read_meta(self, name: str, meta: Mapping[str, Any]) -> VectorState:
        if meta["layout"] != LAYOUT:
            raise IndexOutdated(f"Another version built the vectors {name} ({meta['layout']}); {EMBED}.")
        numbers = {field: int(meta[field]) for field in ("dim", "revision", "writer", "changed")}
        texts = {field: str(meta[field]) for field in ("model", "model_hash", "origin")}
        return VectorState(name, **texts, **numbers)  # type: ignore[arg-type]

    def write_meta(self, state: VectorState) -> dict[str, Any]:
        return {
            "layout": LAYOUT,
            "model": state.model,
            "model_hash": state.model_hash,
            "dim": state.dim,
            "revision": state.revision,
            "origin": state.origin,
            "writer": state.writer,
            "changed": state.changed,
        }

    def of_model(self, model_hash: str) -> VectorState | None:
        """The newest index with vectors of an encoder, which an interrupted update may have left unpublished."""
        metas = {
            name: meta
            for name, meta in self.own_metas().items()
            if meta.get("layout") == LAYOUT and meta.get("model_hash") == model_hash
        }
        published = metas.keys() & self.owners()
        name = max(published or metas, default=None)
        return None if name is None else self.read_meta(name, metas[name])

    def create(self, *, model: str, model_hash: str, dim: int) -> VectorState:
        """Make an empty index for an encoder beside the current one. Indices that no alias names are deleted."""
        state = VectorState(self.next_name(), model, model_hash, dim)
        for name in self.own_metas().keys() - self.owners():
            logger.warning("Deleting %s, which an update with another encoder left behind.", name)
            self.delete(name)
        self.make(state, index_body(dim, shards=self.shards, replicas=self.replicas))
        return state


def index_body(dim: int, *, shards: int, replicas: str) -> dict[str, Any]:
    """Settings and mapping of a new index.

    The graph has codes of eight bits, which find candidates; ``exact`` has the vector in float16, which gives the order
    and the cosines, as a local segment does.
    """
    value = {"type": "keyword", "norms": False, "ignore_above": MAX_VALUE_CHARS}
    method = {
        "name": "hnsw",
        "engine": "lucene",
        "space_type": "cosinesimil",
        "parameters": {"m": GRAPH_LINKS, "ef_construction": GRAPH_BUILD_DEPTH},
    }
    return {
        "settings": {
            "index": {
                "knn": True,
                "number_of_shards": shards,
                **copies_of(replicas),
                # Vectors become visible at the end of an update, all at once.
                "refresh_interval": "-1",
                "gc_deletes": "1h",
                "max_terms_count": MAX_KEYS,
            }
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"enabled": False},
            "properties": {
                "key": value,
                "text": value,  # the hash of the text that was embedded, in hexadecimal
                "exact": {"type": "binary", "doc_values": True},
                "code": {"type": "knn_vector", "dimension": dim, "data_type": "byte", "method": method},
            },
        },
    }


def document(key: str, text_hash: bytes, vector: Vectors) -> dict[str, Any]:
    """A vector, float32 (dim,), as the server receives it."""
    return {"key": key, "text": text_hash.hex(), "exact": pack(vector), "code": code_of(vector)}


def code_of(vector: Vectors) -> list[int]:
    """A vector as whole numbers from -127 to 127. Each is scaled by its largest part: cosines stay the same."""
    import numpy as np

    largest = float(np.abs(vector).max()) or 1.0
    codes: list[int] = np.rint(vector * (127.0 / largest)).astype(np.int64).tolist()
    if not any(codes):
        codes[0] = 1  # the server refuses a vector without a direction
    return codes


def pack(vector: Vectors) -> str:
    """float16 in base64, little-endian."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def unpack(texts: list[str], dim: int) -> Vectors:
    """The inverse of :func:`pack`: float32 (n_texts, dim). The server leaves the padding of base64 out."""
    import numpy as np

    content = b"".join(base64.b64decode(text + "=" * (-len(text) % 4)) for text in texts)
    return np.frombuffer(content, dtype="<f2").reshape(len(texts), dim).astype(np.float32)
