from __future__ import annotations

from search.neural.texts import embedding_text, reranking_text


def test_models_read_title_and_abstract() -> None:
    for text in (embedding_text("A title", "An abstract."), reranking_text("A title", "An abstract.")):
        assert text.startswith("A title")
        assert text.endswith("An abstract.")


def test_a_paper_without_an_abstract_is_its_title() -> None:
    assert embedding_text("A title", "").strip().rstrip(".") == "A title"
    assert reranking_text("A title", "").strip().rstrip(".") == "A title"
