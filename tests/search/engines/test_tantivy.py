from __future__ import annotations

from pathlib import Path

from search.engines.base import SearchBackend
from search.engines.bm25 import byte_length
from search.engines.memory import MemoryBackend
from search.engines.tantivy import TantivyBackend
from tests.search.engines.contract.contract import BackendContract
from tests.search.engines.contract.durability import DurabilityContract


class TestTantivyBackend(BackendContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend(stored_length=byte_length)


class TestTantivyBackendDurability(DurabilityContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return TantivyBackend(path=folder)
