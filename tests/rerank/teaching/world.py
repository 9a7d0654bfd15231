"""Real papers of the starter library, a teacher that knows them, and lessons of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rerank.arrays import Vectors
from rerank.encoders.encoder import unit_rows
from rerank.teaching.lessons import Lessons
from rerank.teaching.similarities import TaughtTexts, make_panel
from rerank.teaching.text_vectors import TextVectors

STARTER = Path(__file__).resolve().parents[3] / "coolpapers" / "papers" / "starter" / "papers.jsonl"


class WordTeacher:
    """Knows which words texts share: rare ones weigh more, as in Salton's vector model."""

    def __init__(self, texts: Sequence[str], *, name: str = "words", min_papers: int = 2) -> None:
        bags = [set(text.lower().split()) for text in texts]
        counts = {word: sum(word in bag for bag in bags) for word in set().union(*bags)}
        known = sorted(word for word, count in counts.items() if min_papers <= count < len(bags) / 2)
        self.weight_of = {word: float(np.log(len(bags) / counts[word])) for word in known}
        self.column_of = {word: column for column, word in enumerate(known)}
        self.name, self.model_hash, self.documents_hash = name, name.ljust(64, "0"), name.ljust(64, "0")
        self.dim = len(known) + 1
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        vectors = np.full((len(texts), self.dim), 0.1, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in set(text.lower().split()) & self.column_of.keys():
                vectors[row, self.column_of[word]] = self.weight_of[word]
        return unit_rows(vectors)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode(texts)


def taught_texts(n_papers: int = 48) -> TaughtTexts:
    lines = STARTER.read_text(encoding="utf-8").splitlines()[:n_papers]
    papers = [json.loads(line) for line in lines]
    titles = tuple(str(paper["title"]) for paper in papers)
    texts = tuple(f"{paper['title']}\n{paper['abstract']}" for paper in papers)
    readers = ("graph neural networks", "language models", "prime numbers")
    owners = np.array([*range(len(papers)), -1, -1, -1], dtype=np.int64)
    return TaughtTexts(texts, (*titles, *readers), owners)


def store_of(teacher: WordTeacher, texts: TaughtTexts, folder: Path) -> TextVectors:
    store = TextVectors(folder, teacher.name, teacher.model_hash, teacher.dim)
    store.embed(teacher, texts.papers)
    store.embed(teacher, texts.queries, is_query=True)
    return store


def lessons_in(folder: Path, *, n_papers: int = 16, n_queries: int = 4) -> Lessons:
    texts = taught_texts()
    panel = make_panel([store_of(WordTeacher(texts.papers), texts, folder)], texts)
    return Lessons(panel, texts, n_papers=n_papers, n_queries=n_queries)
