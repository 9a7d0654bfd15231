from __future__ import annotations

import pytest

from search.engines.opensearch import terms
from tests.opensearch_server import needs_opensearch
from tests.search.engines.opensearch.conftest import MakeBackend
from tests.search.make import make_document, titled

pytestmark = needs_opensearch


def test_all_words_are_listed_in_parts(make_backend: MakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = make_backend(shards=2)
    backend.rebuild(titled(*(f"Word{n} graphs" for n in range(120))), revision=1)
    monkeypatch.setattr(terms, "WORDS_A_REQUEST", 30)
    words = backend.words("title_exact", "")
    assert len(words) == len(dict(words)) == 121
    assert dict(words)["graphs"] == 120


def test_frequencies_are_counted_once_for_each_state(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild(titled("Graphs", "Graphs", "Words"), revision=1)
    assert backend.document_frequencies("title", ["graph", "word"]) == {"graph": 2, "word": 1}
    asked: list[int] = []
    search_many = backend.client.search_many
    backend.client.search_many = lambda *args: asked.append(1) or search_many(*args)  # type: ignore[method-assign,func-returns-value]
    assert backend.document_frequencies("title", ["graph"]) == {"graph": 2}
    assert not asked
    backend.update([make_document("p:7", title="Graphs")], revision=2)
    assert backend.document_frequencies("title", ["graph"]) == {"graph": 3}
    assert asked


def test_words_with_signs_have_their_prefix(make_backend: MakeBackend) -> None:
    backend = make_backend()
    backend.rebuild([make_document("p:0", authors=["Anna O'Brien", "Jean-Luc Müller"])], revision=1)
    readings = [word for word, _ in backend.words("author_exact", "")]
    assert readings
    for reading in readings:
        assert [word for word, _ in backend.words("author_exact", reading)] == [reading]
