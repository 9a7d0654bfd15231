"""Updates of the vectors on the servers, chunk by chunk. Start at :meth:`VectorWriter.update`.

Each chunk is on the servers before the next one is embedded. A run that is stopped or killed loses one chunk at most:
the next run compares the hashes of the texts and embeds what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from search.base.aliases import ShouldStop
from search.engines.opensearch.client import Client, to_json
from search.engines.opensearch.locks import WriterLock
from search.engines.opensearch.writing import Action, BulkWriter, delete_actions, write_header
from search.errors import DenseUnavailable
from search.neural.opensearch.indices import VectorIndices, VectorState, document
from search.neural.opensearch.reading import ServedReader

if TYPE_CHECKING:
    from rerank.vectors.vector_store import VectorReport
    from search.base.aliases import Vectors

CHUNK_TEXTS = 512  # about ten seconds of a CPU


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder: its name, the hash of its weights, and texts to unit vectors, float32 (n_texts, dim)."""

    name: str
    model_hash: str
    encode: Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers with the texts to embed and their hashes, and keys to remove."""

    keys: Sequence[str]
    texts: Sequence[str]
    hashes: Sequence[bytes]
    removed: Sequence[str]


# The vectors of those of some texts that are at hand already, by hash.
Cached = Callable[[Sequence[bytes]], Mapping[bytes, "Vectors"]]


@dataclass(frozen=True, slots=True)
class VectorWriter:
    """Writes to the index of vectors of one alias, one process at a time."""

    client: Client
    indices: VectorIndices
    lock: WriterLock

    def update(
        self,
        model: Model,
        papers: Papers,
        *,
        state: Mapping[str, Any],
        cached: Cached,
        stop: ShouldStop,
        progress: Callable[[int, int], None] | None,
    ) -> VectorReport:
        """Bring the vectors of some papers up to date and remove others.

        ``state`` is stored when all is written: the revision and the origin of the library. ``progress`` is told the
        papers written so far and the papers to write.

        Raises
        ------
        IndexLocked, IndexUnavailable, IndexUnwritable
        DenseUnavailable
            If the encoder returns NaN, infinity or another dimension.
        """
        with self.lock.holding() as lease:
            run = _Run(self, model, papers, cached, self._begin(model))
            n_done = 0
            for chunk in _chunks(run.changed):
                if stop():
                    break
                run.write(chunk)
                lease.check()
                n_done += len(chunk)
                if progress is not None:
                    progress(n_done, len(run.changed))
            is_finished = n_done == len(run.changed)
            if is_finished:
                run.remove()
            self.lock.renew(lease)
            run.end(state if is_finished else {}, is_finished=is_finished)
        return run.report(is_finished=is_finished)

    def _begin(self, model: Model) -> VectorState | None:
        """The index of the encoder's vectors with a new number of the writer; None if there is none yet."""
        current = self.indices.of_model(model.model_hash)
        if current is None:
            return None
        current = replace(current, writer=current.writer + 1)
        self.indices.store_state(current)
        self.indices.refresh(current.name)  # what a killed run has written counts
        return current


class _Run:
    """One update. ``changed`` are the places of the papers whose text has no vector yet."""

    def __init__(
        self, writer: VectorWriter, model: Model, papers: Papers, cached: Cached, state: VectorState | None
    ) -> None:
        self.writer = writer
        self.model = model
        self.papers = papers
        self.cached = cached
        self.state = state
        self.n_embedded = 0
        asked = [*papers.keys, *papers.removed]
        self.known = ServedReader(writer.client, state).text_hashes(asked) if state is not None else {}
        self.changed = [
            place for place, key in enumerate(papers.keys) if self.known.get(key) != papers.hashes[place].hex()
        ]
        to_keep = set(papers.keys)
        self.removed = [key for key in papers.removed if key in self.known and key not in to_keep]

    def write(self, places: Sequence[int]) -> None:
        """Embed the texts of some papers and write their vectors."""
        vectors = self._vectors_of({self.papers.hashes[place]: self.papers.texts[place] for place in places})
        state = self._index_for(next(iter(vectors.values())))
        actions = (
            _index_action(self.papers.keys[place], self.papers.hashes[place], vectors, version=state.writer)
            for place in places
        )
        BulkWriter(self.writer.client, state.name).write(actions)

    def remove(self) -> None:
        if self.state is not None and self.removed:
            actions = delete_actions(self.removed, revision=self.state.writer)
            BulkWriter(self.writer.client, self.state.name).write(actions)

    def end(self, state: Mapping[str, Any], *, is_finished: bool) -> None:
        """Make everything visible, then the state; a first finished run publishes the index."""
        if self.state is None:
            return
        self.writer.indices.refresh(self.state.name)
        has_changed = bool(self.changed or self.removed)
        reached = replace(self.state, **state, changed=self.state.writer if has_changed else self.state.changed)
        self.writer.indices.store_state(reached)
        if is_finished and self.state.name not in self.writer.indices.owners():
            self.writer.indices.publish(reached)

    def report(self, *, is_finished: bool) -> VectorReport:
        from rerank.vectors.vector_store import VectorReport

        if not is_finished:
            return VectorReport(embedded=self.n_embedded, finished=False)
        n_replaced = sum(self.papers.keys[place] in self.known for place in self.changed)
        return VectorReport(
            added=len(self.changed) - n_replaced,
            replaced=n_replaced,
            removed=len(self.removed),
            unchanged=len(self.papers.keys) - len(self.changed),
            embedded=self.n_embedded,
        )

    def _vectors_of(self, texts: Mapping[bytes, str]) -> dict[bytes, Vectors]:
        """A vector for each text, by hash: those of other papers with this text, those at hand, and new ones."""
        vectors: dict[bytes, Vectors] = {}
        if self.state is not None:
            reader = ServedReader(self.writer.client, self.state)
            stored = reader.vectors_of_texts([digest.hex() for digest in texts])
            vectors |= {bytes.fromhex(text_hash): vector for text_hash, vector in stored.items()}
        vectors |= self.cached([digest for digest in texts if digest not in vectors])
        pending = {digest: text for digest, text in texts.items() if digest not in vectors}
        if pending:
            vectors |= zip(pending, _encode(self.model, list(pending.values())), strict=True)
            self.n_embedded += len(pending)
        return vectors

    def _index_for(self, vector: Vectors) -> VectorState:
        """The index that is written to, made where there is none. Raises DenseUnavailable."""
        if self.state is None:
            created = self.writer.indices.create(
                model=self.model.name, model_hash=self.model.model_hash, dim=len(vector)
            )
            self.state = replace(created, writer=1)
        if self.state.dim != len(vector):
            message = (
                f"The encoder makes vectors of dimension {len(vector)}; those on the servers have {self.state.dim}."
            )
            raise DenseUnavailable(message)
        return self.state


def _encode(model: Model, texts: Sequence[str]) -> Vectors:
    import numpy as np

    vectors = model.encode(texts)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise DenseUnavailable(f"The encoder returned shape {vectors.shape} for {len(texts)} texts.")
    if not np.isfinite(vectors).all():
        raise DenseUnavailable("The encoder returned NaN or infinity; these vectors cannot be searched.")
    return vectors


def _index_action(key: str, text_hash: bytes, vectors: Mapping[bytes, Vectors], *, version: int) -> Action:
    source = to_json(document(key, text_hash, vectors[text_hash]))
    return Action(key, write_header("index", key, version) + source + b"\n")


def _chunks(places: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(places), CHUNK_TEXTS):
        yield places[start : start + CHUNK_TEXTS]
