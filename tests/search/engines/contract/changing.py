"""The contract of search engines: changes of papers."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest

from search.engines.base import SearchBackend
from search.engines.documents import Document
from search.engines.results import Request
from search.errors import IndexMissing
from search.language.query import Everything, Or, Term
from tests.search.engines.contract.answers import found_keys
from tests.search.make import make_document, titled


class ChangingContract:
    """Rebuilds and updates, also failing ones."""

    def test_without_an_index_the_page_says_so(self, backend: SearchBackend) -> None:
        assert backend.revision() == 0
        with pytest.raises(IndexMissing, match="rebuild_index"):
            backend.search(Everything(), Request())
        with pytest.raises(IndexMissing, match="rebuild_index"):
            backend.update(titled("Graphs"), revision=1)

    def test_an_empty_library_is_searched_without_error(self, backend: SearchBackend) -> None:
        assert backend.rebuild([], revision=0) == 0
        assert backend.search(Term("graphs"), Request(facets=("year",))).total == 0
        assert backend.keys() == set()
        assert backend.suggest("graphs") == []

    def test_an_update_adds_replaces_and_removes(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words", "Trees"), revision=3)
        written = backend.update(
            [make_document("p:1", title="Meadows"), make_document("p:9", title="Rivers")], removed=["p:2"], revision=5
        )
        assert (written, backend.revision(), backend.count()) == (2, 5, 3)
        assert backend.keys() == {"p:0", "p:1", "p:9"}
        assert found_keys(backend, Term("words")) == set()
        assert found_keys(backend, Or((Term("meadows"), Term("rivers"), Term("trees")))) == {"p:1", "p:9"}

    def test_the_same_update_twice_changes_nothing(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        for _ in range(2):
            backend.update([make_document("p:1", title="Meadows")], revision=2)
        assert (backend.count(), backend.revision()) == (2, 2)

    def test_a_rebuild_replaces_everything(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs", "Words"), revision=1)
        backend.rebuild([make_document("p:7", title="Rivers")], revision=2)
        assert (backend.keys(), backend.revision()) == ({"p:7"}, 2)

    def test_searches_go_on_while_the_index_is_rebuilt(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        seen_meanwhile: list[int | None] = []

        def slowly() -> Iterable[Document]:
            for document in titled("Graphs", "Graphs", "Graphs"):
                seen_meanwhile.append(backend.search(Term("graphs"), Request()).total)
                yield document

        thread = threading.Thread(target=lambda: backend.rebuild(slowly(), revision=2))
        thread.start()
        thread.join()
        assert seen_meanwhile == [1, 1, 1]
        assert backend.search(Term("graphs"), Request()).total == 3

    def test_a_rebuild_that_fails_leaves_the_old_index(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)

        def failing() -> Iterable[Document]:
            yield from titled("Words", "Words")
            raise RuntimeError("the database went away")

        with pytest.raises(RuntimeError, match="went away"):
            backend.rebuild(failing(), revision=2)
        assert (backend.revision(), backend.count()) == (1, 1)
        assert backend.rebuild(titled("Words", "Words"), revision=2) == 2

    def test_an_update_that_fails_leaves_the_old_index(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)

        def failing() -> Iterable[Document]:
            yield make_document("p:9", title="Words")
            raise RuntimeError("the database went away")

        with pytest.raises(RuntimeError, match="went away"):
            backend.update(failing(), revision=2)
        assert (backend.revision(), backend.keys()) == (1, {"p:0"})
        backend.update([make_document("p:9", title="Words")], revision=2)
        assert backend.keys() == {"p:0", "p:9"}
