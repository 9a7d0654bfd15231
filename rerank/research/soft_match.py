"""Soft word match: the highest similarity of each query word with any word of a paper, without running a model.

The word vectors are the cross-encoder's input embeddings, reduced to a few dimensions. A small cross-encoder largely
matches words softly, so this is the cheap feature that predicts its scores best. For a query, the cosines with the
whole vocabulary are one product, and the papers' best matches are one gather and one segmented maximum over their token
ids: 3 ms for a pool of 2,000 papers.
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
MAX_WORDS = 24  # of a query; of a longer one, the rarest word pieces are used
EXACT = 0.99  # cosine above which two words are the same, since the vectors are rounded
LONG_QUERY = 12  # word pieces from which a query counts as long


@dataclass(frozen=True)
class SoftIndex:
    """Token ids of papers, lengths of their titles, and the word vectors.

    Attributes
    ----------
    words : float32, (n_words, dim), unit rows
    idf : float32, (n_words,)
    tokens
        Title, then text, of each paper.
    title_lengths : int64, (n_papers,)
        Number of tokens of the title; the rest is text.
    """

    words: Float32s
    idf: Float32s
    tokens: TokenTable
    title_lengths: Ints
    model: str = ""
    model_hash: str = ""

    def match(self, query_ids: Sequence[int] | Int32s, rows: Rows) -> Float32s:
        """The features :data:`COLUMNS` of papers, shape (n_rows, 7).

        Parameters
        ----------
        query_ids
            Word pieces of the query, without special tokens.
        """
        query_words = self._query_words(query_ids)
        if not len(query_words) or not len(rows):
            return np.zeros((len(rows), len(COLUMNS)), dtype=np.float32)
        cosines = self.words @ self.words[query_words].T  # (n_words, n_query_words)
        title, text = self._best(cosines, rows)  # each (n_rows, n_query_words)
        best = np.maximum(title, text)
        weights = self.idf[query_words] / max(float(self.idf[query_words].sum()), 1e-9)
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
        """Write it as an artifact of the model that the word vectors are from."""
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
        """Memory-map a saved index. Raises as :func:`rerank.artifacts.read_artifact` does."""

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

    def _query_words(self, query_ids: Sequence[int] | Int32s) -> Ints:
        """Distinct word pieces of the query, at most the :data:`MAX_WORDS` rarest."""
        words = np.unique(np.asarray(query_ids, dtype=np.int64))
        if len(words) > MAX_WORDS:
            words = words[np.argsort(-self.idf[words], kind="stable")[:MAX_WORDS]]
        return words

    def _best(self, cosines: Float32s, rows: Rows) -> tuple[Float32s, Float32s]:
        """The highest cosine of each query word with the title and with the text; at least 0, and 0 for no tokens."""
        starts, ends = self.tokens.offsets[rows], self.tokens.offsets[rows + 1]
        lengths = ends - starts
        titles = np.minimum(self.title_lengths[rows], lengths)
        offsets = np.concatenate(([0], np.cumsum(lengths)))  # (n_rows + 1,)
        positions = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)  # of the papers' tokens
        by_token = cosines.take(self.tokens.ids[positions], axis=0)  # (n_tokens, n_query_words)
        # One segment per title and one per text. The row of zeros at the end gives empty segments a start.
        by_token = np.concatenate([by_token, np.zeros((1, cosines.shape[1]), dtype=np.float32)])
        segment_starts = np.stack([offsets[:-1], offsets[:-1] + titles], axis=1).ravel()  # (2 · n_rows,)
        best = np.maximum.reduceat(by_token, segment_starts, axis=0).reshape(len(rows), 2, -1)
        is_empty = np.stack([titles == 0, titles == lengths], axis=1)  # reduceat returns the next row for these
        best = np.where(is_empty[:, :, None], 0.0, np.maximum(best, 0.0)).astype(np.float32)
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
    """Index tokenised papers.

    Parameters
    ----------
    word_vectors : floats, shape (n_words, width)
        A model's input embeddings; reduced to their `dim` principal components over the words that occur.
    tokens
        Title, then text, of each paper.
    title_lengths : int64, shape (n_papers,)
        Number of tokens of each title.

    Raises
    ------
    ShapeError
        If a token is outside the vocabulary, or the numbers of papers and of titles differ.
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
    df = np.bincount(pairs % len(vectors), minlength=len(vectors))  # number of papers with the word
    idf = np.log1p(len(tokens) / (1.0 + df)).astype(np.float32)
    return SoftIndex(words, idf, tokens, title_lengths, model=model, model_hash=model_hash)


def query_length_share(query_ids: Sequence[int] | Int32s) -> float:
    """Length of a query from 0 (empty) to 1 (twelve word pieces or more), for features that depend on it."""
    return min(len(query_ids), LONG_QUERY) / LONG_QUERY
