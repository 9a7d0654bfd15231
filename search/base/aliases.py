"""Type aliases that several packages of ``search`` share: arrays, rankings, stop callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Vectors = npt.NDArray[np.float32]  # of papers or queries, (n, dim) or (dim,)
    Rows = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

# (key, score) of papers, best first.
Ranking = Sequence[tuple[str, float]]
# The rankings of one query, by the name of the retriever or signal that made them.
Rankings = Mapping[str, Ranking]

# Called between two batches of a long run. True: finish the current batch, store the progress, and return.
ShouldStop = Callable[[], bool]


def never_stop() -> bool:
    """The default :data:`ShouldStop`: run to the end."""
    return False
