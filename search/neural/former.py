"""The encoder of vectors that were made before the setting of the encoder changed. Start at :func:`find_model_of`.

Its vectors are searched with it until those of the present encoder, which are embedded in the folder :data:`ASIDE`
beside them, are complete and take their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rerank.artifacts import Manifest
    from rerank.encoders.encoder import Encoder
    from rerank.encoders.lazy_model import LazyModel

ASIDE = "aside"
ENCODER = "encoder"  # in the state of the vectors: the model's folder or name, as another process can find it


@dataclass(frozen=True, slots=True)
class FormerEncoder:
    """``vectors_hash`` is the hash in the manifest of its vectors, ``query_hash`` that of the weights for queries."""

    name: str
    vectors_hash: str
    query_hash: str
    resident: LazyModel[Encoder]


def place_of(model: str | Path) -> str:
    """A model as the manifest records it: an absolute path, or the name of a shipped or packaged model."""
    path = Path(model)
    return str(path.resolve()) if path.is_dir() else str(model)


def find_model_of(manifest: Manifest) -> Path | None:
    """The folder of the model that made some vectors; None if it is not there, incomplete, or has other weights.

    Vectors of older versions record the name of the folder only. Shipped models are tried too, because a new version
    may ship the same document encoder under another name.
    """
    from rerank.encoders.weights import check_model, find_model, vectors_hash
    from rerank.errors import RerankError

    for name in _candidates(manifest):
        with suppress(RerankError, OSError, ValueError):  # ValueError: a name that no path and no package can have
            folder = find_model(name)
            if vectors_hash(folder) == manifest.model_hash:
                check_model(folder)
                return folder
    return None


def _candidates(manifest: Manifest) -> Iterator[str]:
    from rerank.encoders.packed import QUERY_KIND, is_packed, read_packed
    from rerank.encoders.weights import DEFAULT_ENCODER, SHIPPED
    from rerank.errors import RerankError

    state = manifest.extra.get("state")
    if isinstance(state, dict) and state.get(ENCODER):
        yield str(state[ENCODER])
    if manifest.model:
        yield manifest.model
    for folder in sorted(SHIPPED.glob("*")):  # the query encoders of a base before the base itself
        with suppress(RerankError):
            if is_packed(folder) and read_packed(folder).kind == QUERY_KIND:
                yield str(folder)
    yield DEFAULT_ENCODER
