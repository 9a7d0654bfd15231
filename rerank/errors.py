"""What can go wrong in `rerank`, as one tree.

::

    RerankError
    ├── ShapeError (ValueError)            arrays that do not fit together
    ├── ScoresNotFinite (ValueError)       a model answered NaN or infinity
    ├── TrainingDataError (ValueError)     a line of training data that cannot be used
    ├── ModelError
    │   ├── ModelMissing (LookupError)     no such folder, or a package that is not installed
    │   ├── ModelBroken (ValueError)       a file of the model is absent, truncated or unreadable
    │   ├── StillLoading (RuntimeError)    not in memory yet: ask again
    │   └── LoadFailed (RuntimeError)      could not be brought into memory, for any reason
    └── ArtifactError
        ├── ArtifactMissing (LookupError)  nothing was built there yet
        ├── ArtifactBroken (ValueError)    half written, or another format
        ├── ModelMismatch (ValueError)     made by another model than the one in use
        └── BuildRunning (RuntimeError)    another process is building the same thing
"""

from __future__ import annotations


class RerankError(Exception):
    """Base of everything `rerank` raises on purpose."""


class ShapeError(RerankError, ValueError):
    """Arrays whose shapes, lengths or settings do not fit together."""


class ScoresNotFinite(RerankError, ValueError):
    """A model answered NaN or infinity; ``rows`` are the positions in the request."""

    def __init__(self, message: str, *, rows: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


class TrainingDataError(RerankError, ValueError):
    """Training data that cannot be used; ``line`` counts from 1 (0: the whole file)."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class ModelError(RerankError):
    """Base of the failures of model weights."""


class ModelMissing(ModelError, LookupError):
    """There is no model where the settings say."""


class ModelBroken(ModelError, ValueError):
    """The model folder is there and cannot be read."""


class StillLoading(ModelError, RuntimeError):
    """The model is being loaded; waiting mends it."""


class LoadFailed(ModelError, RuntimeError):
    """The model could not be loaded; its cause says why."""


class ArtifactError(RerankError):
    """Base of the failures of files that we built ourselves."""


class ArtifactMissing(ArtifactError, LookupError):
    """Nothing was built in that folder yet."""


class ArtifactBroken(ArtifactError, ValueError):
    """The folder holds something, and not what its manifest says."""


class ModelMismatch(ArtifactError, ValueError):
    """Scores or vectors of one model were asked for in the name of another."""

    def __init__(self, message: str, *, found: str, wanted: str) -> None:
        super().__init__(message)
        self.found = found
        self.wanted = wanted


class BuildRunning(ArtifactError, RuntimeError):
    """Another process holds the build lock of this folder."""
