"""An open index: tantivy's searcher at one commit, with a cache of document frequencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import tantivy

from search.base.files import MappedFiles
from search.engines.generations import Signature

# Document frequencies cached per state of the index, about 200 bytes each.
MAX_FREQUENCIES = 100_000


@dataclass(frozen=True, slots=True)
class Reader:
    """An open generation at one commit."""

    folder: Path
    signature: Signature
    index: tantivy.Index
    searcher: tantivy.Searcher
    mapped: MappedFiles = field(default_factory=lambda: MappedFiles(()))
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)

    def frequency(self, stream: str, token: str) -> int:
        """The number of documents with a token in a stream; cached, because queries share most of their words."""
        cached = self.frequencies.get((stream, token))
        if cached is not None:
            return cached
        if len(self.frequencies) >= MAX_FREQUENCIES:
            self.frequencies.clear()
        frequency = self.frequencies[stream, token] = int(self.searcher.doc_freq(stream, token))
        return frequency
