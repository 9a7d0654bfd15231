"""Exceptions of `rerank`, as one tree.

::

    RerankError
    ├── ShapeError (ValueError)            arrays or settings that do not fit together
    ├── ScoresNotFinite (ValueError)       a model returned NaN or infinity
    ├── TrainingDataError (ValueError)     invalid training data
    ├── ModelError
    │   ├── ModelMissing (LookupError)     no such model folder or installed package
    │   ├── ModelBroken (ValueError)       a file of the model is missing, truncated or unreadable
    │   ├── PackageMissing (ImportError)   a library that the model needs is not installed
    │   ├── StillLoading (RuntimeError)    the model is not in memory yet; retry later
    │   └── LoadFailed (RuntimeError)      the model could not be loaded
    └── ArtifactError
        ├── ArtifactMissing (LookupError)  the folder was never built
        ├── ArtifactBroken (ValueError)    a file is missing, truncated or of another format
        ├── ModelMismatch (ValueError)     built with another model than the one in use
        └── BuildRunning (RuntimeError)    another process holds the build lock
"""

from __future__ import annotations


class RerankError(Exception):
    """Base class of the exceptions of `rerank`."""


class ShapeError(RerankError, ValueError):
    """Arrays whose shapes, lengths or settings do not fit together."""


class ScoresNotFinite(RerankError, ValueError):
    """A model returned NaN or infinity; ``rows`` are the positions of these scores in the request."""

    def __init__(self, message: str, *, rows: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


class TrainingDataError(RerankError, ValueError):
    """Invalid training data; ``line`` counts from 1, and 0 means the whole file."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class ModelError(RerankError):
    """Base class of errors in model folders and in loading."""


class ModelMissing(ModelError, LookupError):
    """There is no model folder or package of that name."""


class ModelBroken(ModelError, ValueError):
    """The model folder exists, but a file is missing, truncated or unreadable."""


class PackageMissing(ModelError, ImportError):
    """A library that the model needs is not installed."""


class StillLoading(ModelError, RuntimeError):
    """The model is being loaded; retry later."""


class LoadFailed(ModelError, RuntimeError):
    """The model could not be loaded; ``__cause__`` has the reason."""


class ArtifactError(RerankError):
    """Base class of errors in artifacts (:mod:`rerank.artifacts`)."""


class ArtifactMissing(ArtifactError, LookupError):
    """The folder has no manifest: nothing was built there yet."""


class ArtifactBroken(ArtifactError, ValueError):
    """The folder does not match its manifest, or the manifest is of another format."""


class ModelMismatch(ArtifactError, ValueError):
    """Scores or vectors were built with ``actual``, and ``expected`` is in use."""

    def __init__(self, message: str, *, actual: str, expected: str) -> None:
        super().__init__(message)
        self.actual = actual
        self.expected = expected


class BuildRunning(ArtifactError, RuntimeError):
    """Another process holds the build lock of this folder."""
