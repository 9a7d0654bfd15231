"""An open index: tantivy's searcher at one commit, with a cache of document frequencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import tantivy

from search.base.files import MappedFiles, read_json
from search.engines.generations import Signature
from search.engines.streams import MAIN_STREAMS, SET_STREAMS

# Document frequencies cached per state of the index, about 200 bytes each. A search asks for some ten.
MAX_FREQUENCIES = 16_384
# Keys cached likewise, about 250 bytes each. A page by meaning reads those of some 300 papers three times.
MAX_KEYS = 16_384


@dataclass(frozen=True, slots=True)
class Reader:
    """An open generation at one commit. ``missing`` are streams that an index of an older version does not have."""

    folder: Path
    signature: Signature
    index: tantivy.Index
    searcher: tantivy.Searcher
    mapped: MappedFiles = field(default_factory=lambda: MappedFiles(()))
    missing: frozenset[str] = frozenset()
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)
    keys: dict[tuple[int, int], str] = field(default_factory=dict)

    def keys_at(self, addresses: Iterable[tantivy.DocAddress]) -> list[str]:
        """The keys of the documents at these addresses; cached, because reading one unpacks a block of the store."""
        if len(self.keys) >= MAX_KEYS:
            self.keys.clear()
        keys = []
        for address in addresses:
            place = address.segment_ord, address.doc
            key = self.keys.get(place)
            if key is None:
                key = self.keys[place] = key_at(self.searcher, address)
            keys.append(key)
        return keys

    def frequency(self, stream: str, token: str) -> int:
        """The number of documents with a token in a stream; cached, because queries share most of their words."""
        cached = self.frequencies.get((stream, token))
        if cached is not None:
            return cached
        if len(self.frequencies) >= MAX_FREQUENCIES:
            self.frequencies.clear()
        frequency = 0 if stream in self.missing else int(self.searcher.doc_freq(stream, token))
        self.frequencies[stream, token] = frequency
        return frequency


def key_at(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    """The key of the document at an address."""
    return str(searcher.doc(address).get_first("key"))


def missing_streams(folder: Path) -> frozenset[str]:
    """The streams that the schema of an index does not have."""
    meta = read_json(folder / "meta.json")
    schema = meta.get("schema", ()) if isinstance(meta, dict) else ()
    return frozenset((*MAIN_STREAMS, *SET_STREAMS)) - {field["name"] for field in schema}
