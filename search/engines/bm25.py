"""The BM25 formula, for engines without one and for tests of the others. Pure.

``score(t, d) = idf(t) · (k1 + 1) · f / (f + k1 · (1 - b + b · |d| / avgdl))`` with
``idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5))``, where f is the number of occurrences of t in the field, |d| the number
of tokens of the field, avgdl its mean over all N documents (0 for documents without the field), and n the number of
documents with t.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), eq. 3.15, with Lucene's
positive idf.
"""

from __future__ import annotations

import math
from bisect import bisect_right

from search.engines.streams import K1, B


def inverse_document_frequency(n_documents: int, document_frequency: int) -> float:
    return math.log(1 + (n_documents - document_frequency + 0.5) / (document_frequency + 0.5))


def saturate(frequency: float, length: float, mean_length: float) -> float:
    """The term frequency factor of the score; 0 where the stream has no tokens at all."""
    if not mean_length:
        return 0.0
    return (K1 + 1) * frequency / (frequency + K1 * (1 - B + B * length / mean_length))


def _byte_value(code: int) -> int:
    """The length that a byte encodes: exact below 40, then with 4 significant bits (Lucene's SmallFloat)."""
    if code < 24:
        return code
    bits, shift = (code - 24) & 7, ((code - 24) >> 3) - 1
    return 24 + (bits if shift < 0 else (bits | 8) << shift)


_BYTE_VALUES = [_byte_value(code) for code in range(256)]


def byte_length(length: int) -> int:
    """A field's length as tantivy and Lucene store it, in one byte: 40 stays 40, 175 becomes 168.

    It is at most 1/9 too short, so a score differs by less than 5 % from the exact one. Tests compare engines with the
    formula at this length.
    """
    return _BYTE_VALUES[bisect_right(_BYTE_VALUES, length) - 1]
