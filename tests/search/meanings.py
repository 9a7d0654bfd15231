"""A library of hand-made meanings and the stages over it, for tests of ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from search.base.aliases import Ranking
from search.engines.documents import Document
from search.engines.memory import MemoryBackend
from search.neural.dense import VectorRetriever
from search.neural.rerankers import Candidate, NoReranker, Reranker
from search.neural.texts import embedding_text
from search.neural.vector_search import VectorSearch
from search.ranking.stages import Stages
from tests.search.concepts import ConceptRetriever
from tests.search.make import make_document

TITLES = (
    "A car on the road",
    "An automobile engine",
    "The car of tomorrow",
    "A vehicle made of oak",
    "Trees and forest fires",
    "Car wash with sea water",
    "Graph of car parts",
    "Feline habits",
    "Automobile history",
    "Cats in the car",
    "Ocean of cars",
    "The vehicle census",
)


def make_library(titles: Sequence[str] = TITLES) -> list[Document]:
    """One paper per title and day; every second one in cs.CL, the others in math.CO."""
    first = date(2024, 1, 1)
    return [
        make_document(
            f"p:{number:02}",
            title=title,
            categories=["cs.CL" if number % 2 else "math.CO"],
            day=first + timedelta(days=number),
        )
        for number, title in enumerate(titles)
    ]


def make_engine(documents: Sequence[Document]) -> MemoryBackend:
    engine = MemoryBackend()
    engine.rebuild(documents, revision=1)
    return engine


def make_retriever(path: Path, documents: Sequence[Document]) -> ConceptRetriever:
    retriever = ConceptRetriever(path=path)
    retriever.update(
        [document["key"] for document in documents],
        [embedding_text(document["title"], document["abstract"]) for document in documents],
        removed=(),
        revision=1,
    )
    return retriever


def make_stages(documents: Sequence[Document], retriever: VectorRetriever, reranker: Reranker | None = None) -> Stages:
    texts = {document["key"]: document["title"] for document in documents}

    def texts_of(keys: Sequence[str]) -> Mapping[str, str]:
        return {key: texts[key] for key in keys}

    return Stages(retriever, reranker or NoReranker(), texts_of, wait_s=10.0)


class BackwardsReranker(Reranker):
    """Reverses the order, so that a test sees that it ran."""

    def rerank(self, query: str, candidates: Sequence[Candidate], vectors: VectorSearch) -> Ranking:
        return [(candidate.key, -float(number)) for number, candidate in enumerate(reversed(candidates))]
