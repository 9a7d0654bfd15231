"""What tests of personal pages share with those of searching: an index of the test database."""

from __future__ import annotations

from tests.search.conftest import index_papers, own_index

__all__ = ["index_papers", "own_index"]
