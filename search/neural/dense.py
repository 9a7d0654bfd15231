"""The vectors of a library: searched, embedded, checked and replaced. Start at :class:`VectorRetriever`.

:mod:`search.neural.encoding` has the encoder, :mod:`search.neural.opened` reads the vectors, and
:mod:`search.neural.vector_search` searches in them.
"""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base.aliases import ShouldStop, never_stop
from search.base.backends import BackendHandler
from search.errors import DenseUnavailable, EmbeddingRunning
from search.neural.encoding import LOAD_PATIENCE_S, encode_slices
from search.neural.former import ASIDE, ENCODER, place_of
from search.neural.opened import STATE, OpenedVectors

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from rerank.vectors.vector_store import VectorReport


class VectorRetriever(OpenedVectors):
    """The vectors of a library and their encoder.

    Everything that reads vectors reads those in use, be they of a former encoder; :meth:`writer` embeds.

    Parameters
    ----------
    path : folder of the vectors
    min_similarity : least cosine of a neighbour of a paper
    min_query_similarity : least cosine of a paper near a query; None means ``min_similarity``
    encoder_options : those of :class:`~search.neural.encoding.ResidentEncoder`
    """

    def __init__(
        self,
        *,
        path: Path,
        min_similarity: float = 0.25,
        min_query_similarity: float | None = None,
        **encoder_options: Any,
    ) -> None:
        super().__init__(path=path, **encoder_options)
        self.min_similarity = min_similarity
        self.min_query_similarity = min_similarity if min_query_similarity is None else min_query_similarity

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
        """Embed new and changed texts; unchanged ones keep their vectors. Resumes after a stop or a kill.

        ``origin`` names the history of the library that the revision belongs to. ``yields_to_searches`` lets searches
        of this process use the encoder in between, which is a little slower.

        Raises
        ------
        DenseUnavailable
            If the model cannot be loaded or yields NaN, another process is embedding, or the disk is full or read-only.
        """
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.vector_store import VectorFolder

        if self._precedes is not None and self._precedes.former() is None:
            raise DenseUnavailable("another process has put the new vectors in use; run it again", is_transient=True)
        encoder = self.encoder(wait_s=LOAD_PATIENCE_S)
        folder = VectorFolder(self.path, encoder.name, encoder.model_hash)
        try:
            report = folder.update(
                keys,
                texts,
                encode=functools.partial(encode_slices, encoder) if yields_to_searches else encoder.encode,
                remove=removed,
                state={"revision": revision, "origin": origin, ENCODER: place_of(self.model)},
                stop=should_stop,
                progress=progress,
            )
        except BuildRunning as exc:
            raise EmbeddingRunning(str(exc)) from exc
        except RerankError as exc:
            raise DenseUnavailable(str(exc)) from exc
        except OSError as exc:
            cure = "free space or mend the permissions, then run the command again"
            raise DenseUnavailable(f"The vectors cannot be written ({exc}); {cure}.") from exc
        if report.finished:
            (self.path / STATE).unlink(missing_ok=True)
        return report

    def discard_salvaged(self) -> None:
        """Delete vectors salvaged from a damaged folder, after all papers have been updated."""
        from rerank.errors import RerankError
        from rerank.vectors.vector_store import VectorFolder

        with contextlib.suppress(RerankError):  # another process is embedding: it will do it
            VectorFolder(self.path, str(self.model), self.model_hash()).discard_salvaged()

    def verify(self) -> list[str]:
        """Read all files of the vectors; record and return the names of the damaged ones.

        Raises
        ------
        DenseUnavailable
            If there are no vectors of this encoder, they do not open, or another process is embedding.
        """
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.vector_store import VectorFolder

        try:
            former = self.former()
            model_hash = former.vectors_hash if former else self.model_hash()
            return VectorFolder(self.path, str(self.model), model_hash).verify()
        except (RerankError, OSError) as exc:
            raise DenseUnavailable(
                f"{exc} (run manage.py embed_papers)", is_transient=isinstance(exc, BuildRunning)
            ) from exc

    def advice(self) -> tuple[StrOrPromise, StrOrPromise] | None:
        """What an administrator should know about the store of the vectors, and what fixes it; None if all is well."""
        return None

    # ---- a change of the encoder -------------------------------------------------------------------

    def writer(self) -> VectorRetriever:
        """The retriever that embeds: this one, or one of a folder aside while vectors of a former encoder are in use.

        What is asked about the progress of embedding is asked of it; :meth:`settle` ends its time.
        """
        if self.former() is None:
            return self
        aside = copy.copy(self)
        aside.path = self.path / ASIDE
        aside._precedes = self
        aside._close()
        return aside

    def n_aside(self) -> int:
        """About how many papers have a vector of the present encoder while former ones are in use. Cheap."""
        from rerank.vectors.succession import count_embedded

        return count_embedded(self.path / ASIDE, self.model_hash())

    def take_over(self, writer: VectorRetriever) -> None:
        """Put the vectors of :meth:`writer` in the place of the former ones, in one step. Raises DenseUnavailable."""
        from rerank.errors import BuildRunning, RerankError
        from rerank.vectors.succession import take_place

        if writer is self:
            return
        try:
            take_place(writer.path, self.path)
        except (RerankError, OSError) as exc:
            message = f"The new vectors could not take the place of the former ones: {exc}"
            raise DenseUnavailable(message, is_transient=isinstance(exc, BuildRunning)) from exc

    def settle(self) -> None:
        """End a replacement that was interrupted, or whose former encoder has gone meanwhile."""
        from rerank.errors import RerankError
        from rerank.vectors.succession import discard, read_model, take_place

        aside = self.path / ASIDE
        if self._precedes is not None or not aside.is_dir() or self.former() is not None:
            return
        with contextlib.suppress(RerankError):  # another process is embedding, or the encoder is missing
            own = self.model_hash()
            if read_model(self.path)[1] == own:
                if read_model(aside)[1] == own:
                    discard(aside)
            elif read_model(aside)[1] == own:
                take_place(aside, self.path)


retrievers: BackendHandler[VectorRetriever] = BackendHandler("DENSE_RETRIEVERS")
