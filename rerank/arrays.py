"""Array types of this package. A comment or docstring at each use gives the shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

AnyArray = npt.NDArray[Any]
Halves = npt.NDArray[np.float16]
Floats = npt.NDArray[np.floating[Any]]  # of any precision
Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

Matrix = Floats  # two axes
Vectors = Float32s  # embeddings, one a row; of length 1 unless said otherwise
Scores = Float32s  # raw logits or similarities
Rows = Ints  # row numbers of another array
Columns = Ints  # column numbers of another array
