from __future__ import annotations

from pathlib import Path

import pytest

from search.engines.base import SearchBackend
from search.engines.memory import MemoryBackend
from search.engines.whoosh import WhooshBackend, stored_length
from tests.search.engines.contract.contract import BackendContract
from tests.search.engines.contract.damage import DamageContract
from tests.search.engines.contract.durability import DurabilityContract


class TestWhooshBackend(BackendContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return WhooshBackend(path=folder)

    def make_oracle(self) -> MemoryBackend:
        return MemoryBackend(stored_length=stored_length)


# Whoosh leaves files open that it cannot read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestWhooshBackendDamage(DamageContract):
    def make_backend(self, folder: Path) -> SearchBackend:
        return WhooshBackend(path=folder)


class TestWhooshBackendDurability(DurabilityContract):
    writing_module = "search.engines.whoosh"

    def make_backend(self, folder: Path) -> SearchBackend:
        return WhooshBackend(path=folder)
