"""The default engine: tantivy, a Lucene-like library in Rust. Only this folder imports it. Start at ``backend``.

Streams are tokens joined by spaces, which tantivy splits at white space; its own analysis and query parser are not
used. Its BM25 has the fixed constants k1 = 1.2 and b = 0.75 and stores the length of a field in one byte
(``search.engines.bm25.byte_length``). Deleted papers count in its statistics until their segment is merged.

Pitfalls of the library: it panics at a limit of 0, and a huge offset allocates all that memory at once and kills the
process, so neither is passed on. Equal scores come in the order of segments, so ``hits`` sorts ties.
"""

from __future__ import annotations

from search.engines.tantivy.backend import TantivyBackend

__all__ = ["TantivyBackend"]
