"""What the models read of a paper, made from its title and abstract."""

from __future__ import annotations


def embedding_text(title: str, abstract: str) -> str:
    """What the encoder reads of a paper."""
    return f"{title}\n{abstract}"


def reranking_text(title: str, abstract: str) -> str:
    """What a cross-encoder reads of a paper: as ``python -m rerank train`` shows papers to it."""
    return f"{title}. {abstract}"
