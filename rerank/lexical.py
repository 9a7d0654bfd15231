"""BM25 and related lexical features of (query, paper) pairs, computed on arrays without a model call.

An inverted index over two fields, title and text, that can be memory-mapped. It does not replace the site's search
engines: it computes how given papers match a query, field by field, in one pass over the query's posting lists.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rerank.arrays import AnyArray, Bytes, Float32s, Int32s, Ints, Rows
from rerank.artifacts import Artifact, Manifest, read_artifact, write_artifact
from rerank.errors import ShapeError
from rerank.evaluation import top_rows

K1 = 1.2  # the usual value (Robertson & Zaragoza 2009, section 3.3)
B = 0.75
MAX_TERMS = 32  # of a longer query, only its rarest terms count: frequent ones cost most and weigh least
KIND = "lexical"

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Matches:
    """How papers match one query; each array has shape (n_rows,).

    ``bm25`` scores title and text as one field, ``title_bm25`` the title alone. ``title_coverage`` is the idf-weighted
    share of the query's terms that occur in the title, ``text_coverage`` in title or text; both lie between 0 and 1.
    """

    bm25: Float32s
    title_bm25: Float32s
    title_coverage: Float32s
    text_coverage: Float32s


@dataclass(frozen=True)
class LexicalIndex:
    """Posting lists by term.

    Term `t` occurs in the papers ``papers[starts[t]:starts[t + 1]]``; the same slices of ``title_counts`` and
    ``text_counts`` say how often. Counts above 255 are stored as 255.
    """

    terms: dict[str, int]
    starts: Ints
    papers: Int32s
    title_counts: Bytes
    text_counts: Bytes
    title_lengths: Int32s
    text_lengths: Int32s

    @property
    def n_papers(self) -> int:
        """Number of papers in the index."""
        return len(self.title_lengths)

    @cached_property
    def _norms(self) -> tuple[Float32s, Float32s]:
        """``k1 (1 − b + b · length / mean length)`` of whole papers and of titles, each (n_papers,)."""
        whole = (self.title_lengths + self.text_lengths).astype(np.float32)
        title = self.title_lengths.astype(np.float32)
        means = [max(float(lengths.mean()), 1.0) if len(lengths) else 1.0 for lengths in (whole, title)]
        return K1 * (1 - B + B * whole / means[0]), K1 * (1 - B + B * title / means[1])

    def match(self, query: str, rows: Rows | None = None) -> Matches:
        """How `rows` (None: all papers) match a query; linear in the length of the query's posting lists."""
        n = self.n_papers
        bm25, title_bm25 = np.zeros(n, np.float32), np.zeros(n, np.float32)
        in_title, in_text = np.zeros(n, np.float32), np.zeros(n, np.float32)
        weights = self._term_weights(query)
        norm, title_norm = self._norms
        for term, (idf, count) in weights.items():
            postings = slice(self.starts[term], self.starts[term + 1])
            papers = self.papers[postings]
            title = self.title_counts[postings].astype(np.float32)
            text = self.text_counts[postings].astype(np.float32)
            whole = title + text
            bm25[papers] += idf * count * whole * (K1 + 1) / (whole + norm[papers])
            title_bm25[papers] += idf * count * title * (K1 + 1) / (title + title_norm[papers])
            in_title[papers] += idf * (title > 0)
            in_text[papers] += idf * (whole > 0)
        total = max(sum(idf for idf, _ in weights.values()), 1e-9)
        columns = (bm25, title_bm25, in_title / total, in_text / total)
        selected = columns if rows is None else tuple(column[rows] for column in columns)
        return Matches(*(column.astype(np.float32, copy=False) for column in selected))

    def top(self, query: str, *, depth: int) -> Rows:
        """The first `depth` papers by BM25, best first; papers without a term of the query are left out."""
        scores = self.match(query).bm25
        order = top_rows(scores, k=depth)
        return order[scores[order] > 0]

    def save(self, folder: Path) -> None:
        """Write the index as an artifact."""
        arrays: dict[str, AnyArray] = {
            "starts": self.starts,
            "papers": self.papers,
            "title_counts": self.title_counts,
            "text_counts": self.text_counts,
            "title_lengths": self.title_lengths,
            "text_lengths": self.text_lengths,
        }
        manifest = Manifest(kind=KIND, model="bm25", model_hash="", extra={"k1": K1, "b": B})
        write_artifact(folder, manifest, arrays=arrays, texts={"terms": "\n".join(self.terms)})

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Memory-map a saved index. Raises as :func:`rerank.artifacts.read_artifact` does."""

        def read(artifact: Artifact) -> LexicalIndex:
            words = artifact.text("terms").split("\n")
            names = ("starts", "papers", "title_counts", "text_counts", "title_lengths", "text_lengths")
            arrays = {name: artifact.array(name) for name in names}
            return cls(terms={word: term for term, word in enumerate(words) if word}, **arrays)

        return read_artifact(folder, read, kind=KIND)

    def _term_weights(self, query: str) -> dict[int, tuple[float, int]]:
        """idf and count in the query, for the rarest :data:`MAX_TERMS` of its terms that are in the index."""
        counts = Counter(self.terms[word] for word in words_of(query) if word in self.terms)
        df = {term: int(self.starts[term + 1] - self.starts[term]) for term in counts}  # document frequencies
        rarest = sorted(df, key=df.__getitem__)[:MAX_TERMS]
        n = self.n_papers
        # log(1 + (N − df + ½)/(df + ½)), Lucene's form, which is never negative.
        return {term: (float(np.log1p((n - df[term] + 0.5) / (df[term] + 0.5))), counts[term]) for term in rarest}


def build_lexical_index(titles: Sequence[str], texts: Iterable[str]) -> LexicalIndex:
    """Index papers given their titles and their texts (abstracts), in the same order.

    Raises
    ------
    ShapeError
        If there are not as many texts as titles.

    >>> index = build_lexical_index(["Graph networks", "Prime numbers"], ["We study graphs.", "On gaps."])
    >>> index.match("graph").title_coverage.tolist()
    [1.0, 0.0]
    """
    terms: dict[str, int] = {}
    postings = array("i")  # flat (term, paper, title count, text count): 16 bytes each, a tuple would take 100
    title_lengths: list[int] = []
    text_lengths: list[int] = []
    for row, (title, text) in enumerate(zip(titles, texts, strict=False)):
        in_title, in_text = Counter(words_of(title)), Counter(words_of(text))
        title_lengths.append(in_title.total())
        text_lengths.append(in_text.total())
        for word in in_title | in_text:
            term = terms.setdefault(word, len(terms))
            postings.extend((term, row, min(in_title[word], 255), min(in_text[word], 255)))
    if len(title_lengths) != len(titles):
        raise ShapeError(f"{len(titles)} titles and {len(title_lengths)} texts.")
    table = np.frombuffer(postings, dtype=np.int32).reshape(-1, 4)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return LexicalIndex(
        terms=terms,
        starts=np.searchsorted(table[:, 0], np.arange(len(terms) + 1)).astype(np.int64),
        papers=np.ascontiguousarray(table[:, 1]),
        title_counts=table[:, 2].astype(np.uint8),
        text_counts=table[:, 3].astype(np.uint8),
        title_lengths=np.array(title_lengths, dtype=np.int32),
        text_lengths=np.array(text_lengths, dtype=np.int32),
    )


def words_of(text: str) -> list[str]:
    """Words of a text in lower case, without accents and plural endings.

    >>> words_of("Schrödinger’s studies of graphs")
    ['schrodinger', 's', 'study', 'of', 'graph']
    """
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return [_singular(word) for word in _WORD.findall(text.lower())]


def _singular(word: str) -> str:
    """The S-stemmer (Harman 1991, "How effective is suffixing?"), which removes plural endings by three rules."""
    if len(word) < 4 or word[-1] != "s":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] in "us":
        return word
    return word[:-1]
