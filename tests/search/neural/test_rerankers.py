"""The reranking stage, with a cross-encoder whose scores are made by hand and with a real one of two layers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.errors import ScoresNotFinite
from search.errors import StageUnavailable
from search.neural.rerankers import Candidate, CrossEncoderReranker, NoReranker, Reranker
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptRetriever

PATIENT_S = 20.0


class LengthScorer:
    """Prefers long texts; counts the requests."""

    model_hash = "length"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, query: str, texts: Sequence[str]) -> Any:
        self.asked += texts
        return np.array([float(len(text)) for text in texts], dtype=np.float32)


class LengthReranker(CrossEncoderReranker):
    def __init__(self, **options: Any) -> None:
        super().__init__(model="length", **options)
        self.stub = LengthScorer()

    def open_model(self) -> Any:
        return self.stub

    def check(self) -> str:
        return ""


@pytest.fixture
def dense(tmp_path: Path) -> ConceptRetriever:
    return ConceptRetriever(path=tmp_path)


def candidates(*lengths: int) -> list[Candidate]:
    """Candidates ``c0``, ``c1`` … with falling scores and texts of these lengths."""
    return [
        Candidate(key=f"c{number}", text="x" * length, score=1 / (60 + number), similarity=0.5)
        for number, length in enumerate(lengths)
    ]


def order(reranker: Reranker, dense: ConceptRetriever, pool: list[Candidate]) -> list[str]:
    ranked = reranker.rerank("query", pool, VectorSearch(dense, PATIENT_S))
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
    assert sorted(key for key, _ in ranked) == sorted(candidate.key for candidate in pool)
    return [key for key, _ in ranked]


def test_no_reranker_changes_nothing(dense: ConceptRetriever) -> None:
    assert order(NoReranker(), dense, candidates(1, 3, 2)) == ["c0", "c1", "c2"]


def test_the_cross_encoder_alone(dense: ConceptRetriever) -> None:
    assert order(LengthReranker(weight=1.0), dense, candidates(1, 3, 2)) == ["c1", "c2", "c0"]


def test_the_earlier_score_counts_in_the_fused_order(dense: ConceptRetriever) -> None:
    # c0 is first before and nearly the best for the cross-encoder; c9 is last before and the best.
    pool = candidates(99, *[1] * 8, 100)
    assert order(LengthReranker(weight=1.0), dense, pool)[0] == "c9"
    assert order(LengthReranker(weight=0.7), dense, pool)[:2] == ["c0", "c9"]


def test_the_budget_is_spent_on_the_first_candidates(dense: ConceptRetriever) -> None:
    reranker = LengthReranker(budget=3, weight=1.0)
    assert order(reranker, dense, candidates(1, 2, 3, 99, 100)) == ["c2", "c1", "c0", "c3", "c4"]
    assert [len(text) for text in reranker.stub.asked] == [1, 2, 3]


def test_unscored_candidates_come_after_scored_ones(dense: ConceptRetriever) -> None:
    ranked = order(LengthReranker(budget=4), dense, candidates(5, 1, 9, 2, 50, 60))
    assert ranked[4:] == ["c4", "c5"]


def test_the_order_of_scored_candidates_does_not_depend_on_unscored_ones(dense: ConceptRetriever) -> None:
    """The fused order of the scored papers is the same with any number of unscored ones."""
    similar = [Candidate(key=f"c{n}", text="x" * 2**n, score=9.0 - n, similarity=0.5) for n in range(3)]
    far = [Candidate(key=f"f{n}", text="x", score=-9.0 - n, similarity=0.5) for n in range(30)]
    reranker = LengthReranker(budget=3, weight=0.4)
    assert order(reranker, dense, [*similar, *far]) == ["c0", "c1", "c2", *(candidate.key for candidate in far)]
    vectors = VectorSearch(dense)
    assert reranker.rerank("query", [*similar, *far], vectors)[:3] == reranker.rerank("query", similar, vectors)


def test_no_candidates(dense: ConceptRetriever) -> None:
    assert LengthReranker().rerank("query", [], VectorSearch(dense)) == []


def test_without_a_model_the_stage_is_unavailable(dense: ConceptRetriever) -> None:
    with pytest.raises(StageUnavailable, match="COOLPAPERS_CROSS_ENCODER") as caught:
        CrossEncoderReranker().rerank("query", candidates(1), VectorSearch(dense))
    assert not caught.value.is_transient
    assert CrossEncoderReranker().check() == ""


def test_a_missing_or_truncated_model_is_named(dense: ConceptRetriever, tmp_path: Path) -> None:
    absent = CrossEncoderReranker(model=tmp_path / "absent")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "torn" / "tokenizer.json").write_text("{}", encoding="utf-8")
    (tmp_path / "torn" / "model.safetensors").write_bytes(b"\x10\0\0")
    for reranker in (absent, CrossEncoderReranker(model=tmp_path / "torn")):
        assert str(reranker.model) in reranker.check()
        with pytest.raises(StageUnavailable, match=Path(reranker.model).name):
            reranker.rerank("query", candidates(1), VectorSearch(dense, PATIENT_S))


def test_nan_scores_are_refused(dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    def score(self: LengthScorer, query: str, texts: Sequence[str]) -> None:
        raise ScoresNotFinite("Model 'length' answered NaN", rows=(0,))

    monkeypatch.setattr(LengthScorer, "score", score)
    with pytest.raises(StageUnavailable, match="NaN"):
        LengthReranker().rerank("query", candidates(1), VectorSearch(dense, PATIENT_S))


def test_a_page_does_not_wait_for_the_model(dense: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_model(self: LengthReranker) -> Any:
        time.sleep(0.2)
        return self.stub

    monkeypatch.setattr(LengthReranker, "open_model", open_model)
    reranker = LengthReranker()
    with pytest.raises(StageUnavailable, match="loading") as caught:
        reranker.rerank("query", candidates(1), VectorSearch(dense))
    assert caught.value.is_transient
    assert order(reranker, dense, candidates(1, 2))


def test_identity_tells_settings_apart() -> None:
    identities = {LengthReranker().identity(), LengthReranker(budget=5).identity(), NoReranker().identity()}
    assert len(identities) == 3


@pytest.mark.slow
def test_a_real_cross_encoder_scores_and_caches(dense: ConceptRetriever, tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(model=tiny_cross_encoder(tmp_path / "cross"), dtype="float32", weight=1.0)
    pool = [
        Candidate(key=f"c{number}", text=text, score=1.0, similarity=0.5)
        for number, text in enumerate(["graph networks", "a cat", "", "sea water and oak"])
    ]
    first = order(reranker, dense, pool)
    scorer = reranker._resident.get()
    exact = scorer.score_pairs([("query", candidate.text) for candidate in pool])
    assert first == [pool[row].key for row in np.argsort(-exact, kind="stable")]
    assert scorer.cache is not None
    assert order(reranker, dense, pool) == first


def tiny_cross_encoder(folder: Path) -> Path:
    """A BERT of two layers with random weights and a vocabulary of letters, saved as sentence-transformers does."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    source = folder / "source"
    source.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(code) for code in range(97, 123)]
    (source / "vocab.txt").write_text(
        "\n".join([*words, *letters, *(f"##{letter}" for letter in letters)]), encoding="utf-8"
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=57,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=1,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(source)
    BertTokenizer(str(source / "vocab.txt")).save_pretrained(source)
    CrossEncoder(str(source), num_labels=1, device="cpu").save_pretrained(str(folder / "model"))
    return folder / "model"
