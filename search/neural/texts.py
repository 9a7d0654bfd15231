"""The texts of a paper that the models read."""

from __future__ import annotations


def embedding_text(title: str, abstract: str) -> str:
    """The text that the encoder reads."""
    return f"{title}\n{abstract}"


def reranking_text(title: str, abstract: str) -> str:
    """The text that a cross-encoder reads, the same as in ``python -m rerank train``."""
    return f"{title}. {abstract}"
