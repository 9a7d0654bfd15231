from __future__ import annotations

from pathlib import Path

from search.backends.base import SearchBackend
from search.backends.memory import MemoryBackend
from search.backends.tantivy import TantivyBackend
from search.bm25 import byte_length
from tests.search.backends.contract import BackendContract
from tests.search.backends.durability import DurabilityContract


class TestTantivyBackend(BackendContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend(stored_length=byte_length)


class TestTantivyBackendDurability(DurabilityContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)
