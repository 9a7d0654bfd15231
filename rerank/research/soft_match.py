"""Soft word match: how near each word of a query comes to some word of a paper, without running a model.

The word vectors are the cross-encoder's own input embeddings, cut to a few dimensions: a small cross-encoder is for a
good part a soft matcher of words, so this is the cheap feature that says most about its scores. For a query the
cosines with the whole vocabulary are one product, and the papers' best matches one gather and one segmented maximum
over their token ids: 3 ms for a pool of 2,000 papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Float32s, Floats, Int32s, Ints, Rows
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.encoders.tokens import TokenTable
from rerank.errors import ShapeError

KIND = "soft-match"
COLUMNS = ("weighted", "mean", "least", "weighted cubes", "weighted exact", "weighted in title", "mean in title")
DIM = 64  # of the word vectors; 32 to 128 predict equally well
MAX_WORDS = 24  # word pieces of a query; a longer one keeps its rarest
EXACT = 0.99  # cosine of a word with itself, after rounding
LONG_QUERY = 12  # word pieces from which a query counts as long


@dataclass(frozen=True)
class SoftIndex:
    """Token ids of papers, where their titles end, and the word vectors.

    Attributes
    ----------
    words : float32, (n_words, dim), unit rows
    idf : float32, (n_words,)
    tokens
        Title and text of each paper.
    title_lengths : int64, (n_papers,)
        Tokens of the title; the rest is text.
    """

    words: Float32s
    idf: Float32s
    tokens: TokenTable
    title_lengths: Ints
    model: str = ""
    model_hash: str = ""

    def match(self, query_ids: Sequence[int] | Int32s, rows: Rows) -> Float32s:
        """The columns of :data:`COLUMNS` for papers, shape (n_rows, 7).

        Parameters
        ----------
        query_ids
            Word pieces of the query, without special tokens.
        """
        asked = self._asked(query_ids)
        if not len(asked) or not len(rows):
            return np.zeros((len(rows), len(COLUMNS)), dtype=np.float32)
        cosines = self.words @ self.words[asked].T  # (n_words, n_asked)
        title, text = self._best(cosines, rows)  # each (n_rows, n_asked)
        best = np.maximum(title, text)
        weights = self.idf[asked] / max(float(self.idf[asked].sum()), 1e-9)
        columns = (
            best @ weights,
            best.mean(axis=1),
            best.min(axis=1),
            best**3 @ weights,
            (best > EXACT).astype(np.float32) @ weights,
            title @ weights,
            title.mean(axis=1),
        )
        return np.stack(columns, axis=1).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write it as an artifact of the model whose words these are."""
        arrays: dict[str, AnyArray] = {
            "words": self.words.astype(np.float16),
            "idf": self.idf,
            "ids": self.tokens.ids,
            "offsets": self.tokens.offsets,
            "title_lengths": self.title_lengths,
        }
        write_artifact(folder, Manifest(kind=KIND, model=self.model, model_hash=self.model_hash), arrays=arrays)

    @classmethod
    def load(cls, folder: Path, *, model_hash: str | None = None, model: str = "") -> SoftIndex:
        """Map a saved one; raises as :func:`rerank.artifacts.read_artifact` does."""

        def read(artifact: Artifact) -> SoftIndex:
            return cls(
                words=artifact.array("words", mmap=False).astype(np.float32),
                idf=artifact.array("idf", mmap=False),
                tokens=TokenTable(ids=artifact.array("ids"), offsets=artifact.array("offsets", mmap=False)),
                title_lengths=artifact.array("title_lengths", mmap=False),
                model=artifact.manifest.model,
                model_hash=artifact.manifest.model_hash,
            )

        return read_artifact(folder, read, kind=KIND, model_hash=model_hash, model=model)

    def _asked(self, query_ids: Sequence[int] | Int32s) -> Ints:
        """Distinct word pieces of the query, the rarest if there are many."""
        asked = np.unique(np.asarray(query_ids, dtype=np.int64))
        if len(asked) > MAX_WORDS:
            asked = asked[np.argsort(-self.idf[asked], kind="stable")[:MAX_WORDS]]
        return asked

    def _best(self, cosines: Float32s, rows: Rows) -> tuple[Float32s, Float32s]:
        """The best cosine of each asked word in title and in text; 0 where there is no text or only unlike words."""
        starts, ends = self.tokens.offsets[rows], self.tokens.offsets[rows + 1]
        lengths = ends - starts
        titles = np.minimum(self.title_lengths[rows], lengths)
        offsets = np.concatenate(([0], np.cumsum(lengths)))  # (n_rows + 1,)
        flat = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        found = cosines.take(self.tokens.ids[flat], axis=0)  # (n_tokens, n_asked)
        # One segment a title and one a text. A padding row at the end lets empty segments begin somewhere.
        found = np.concatenate([found, np.zeros((1, cosines.shape[1]), dtype=np.float32)])
        begins = np.stack([offsets[:-1], offsets[:-1] + titles], axis=1).ravel()  # (2 · n_rows,)
        best = np.maximum.reduceat(found, begins, axis=0).reshape(len(rows), 2, -1)
        empty = np.stack([titles == 0, titles == lengths], axis=1)  # reduceat answers a neighbour there
        best = np.where(empty[:, :, None], 0.0, np.maximum(best, 0.0)).astype(np.float32)
        return best[:, 0], best[:, 1]


def build_soft_index(
    word_vectors: Floats,
    tokens: TokenTable,
    title_lengths: Ints,
    *,
    dim: int = DIM,
    model: str = "",
    model_hash: str = "",
) -> SoftIndex:
    """Index of tokenised papers.

    Parameters
    ----------
    word_vectors : floats, shape (n_words, width)
        A model's input embeddings; cut to their `dim` principal directions over the words that occur.
    tokens
        Title, then text, of each paper.

    Raises
    ------
    ShapeError
        If the tokens are not of this vocabulary, or there is not one title length a paper.
    """
    if len(title_lengths) != len(tokens) or tokens.ids.max(initial=0) >= len(word_vectors):
        raise ShapeError(
            f"{len(tokens)} papers, {len(title_lengths)} titles, token ids up to {tokens.ids.max(initial=0)}"
            f" of a vocabulary of {len(word_vectors)}: these do not fit together."
        )
    vectors = np.asarray(word_vectors, dtype=np.float32)
    present = np.unique(tokens.ids)
    centred = vectors - (vectors[present].mean(axis=0) if len(present) else 0.0)
    spread = centred[present].T @ centred[present]  # (width, width)
    directions = np.linalg.eigh(spread)[1][:, ::-1][:, :dim]
    words = centred @ directions
    words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-9)
    owners = np.repeat(np.arange(len(tokens)), tokens.lengths)
    pairs = np.unique(owners * np.int64(len(vectors)) + tokens.ids)
    frequency = np.bincount(pairs % len(vectors), minlength=len(vectors))  # papers that hold the word
    idf = np.log1p(len(tokens) / (1.0 + frequency)).astype(np.float32)
    return SoftIndex(words, idf, tokens, title_lengths, model=model, model_hash=model_hash)


def query_length_share(query_ids: Sequence[int] | Int32s) -> float:
    """0 for an empty query to 1 for one of twelve word pieces or more: short and long queries weigh features apart."""
    return min(len(query_ids), LONG_QUERY) / LONG_QUERY
