from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rerank.arrays import Float32s, Ints
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.first_token import FirstTokenScorer
from rerank.encoders.pair_cache import MemoryScoreCache
from rerank.encoders.tokens import Batch, TokenTable
from rerank.encoders.torch_model import TorchModel
from rerank.errors import ModelBroken, ModelMissing, ScoresNotFinite


@pytest.fixture(scope="module", params=["onnx", "torch"])
def model(request: pytest.FixtureRequest, cross_encoder_folder: Path) -> CrossEncoder:
    return CrossEncoder(cross_encoder_folder, inference=request.param, dtype="float32", max_tokens=48)


def scores_of_sentence_transformers(folder: Path, pairs: list[tuple[str, str]], *, max_tokens: int) -> Float32s:
    from sentence_transformers import CrossEncoder as Theirs

    theirs = Theirs(str(folder), device="cpu", max_length=max_tokens, activation_fn=torch.nn.Identity())
    scores: Float32s = theirs.predict(pairs)
    return scores


def test_scores_are_the_raw_logits_of_sentence_transformers(
    model: CrossEncoder, cross_encoder_folder: Path, sentences: Callable[..., list[str]]
) -> None:
    pairs = list(zip(sentences(50, seed=1, longest=30), sentences(50, seed=2), strict=True))
    theirs = scores_of_sentence_transformers(cross_encoder_folder, pairs, max_tokens=48)
    ours = model.score_pairs(pairs)
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert theirs.std() > 0.1  # the comparison is meaningful
    assert (np.abs(theirs) > 1).any()  # logits, not probabilities


def test_one_query_against_many_is_the_same_as_pairs(model: CrossEncoder, sentences: Callable[..., list[str]]) -> None:
    texts = sentences(20, seed=3)
    together = model.score("graph networks", texts)
    assert together == pytest.approx(model.score_pairs([("graph networks", text) for text in texts]), abs=1e-5)


def test_scores_do_not_depend_on_the_order_or_number_of_texts(
    model: CrossEncoder, sentences: Callable[..., list[str]]
) -> None:
    texts = sentences(30, seed=4)
    everything = model.score("prime gaps", texts)
    assert model.score("prime gaps", texts[::-1])[::-1] == pytest.approx(everything, abs=1e-4)
    assert model.score("prime gaps", texts[7:8])[0] == pytest.approx(everything[7], abs=1e-4)


def test_chosen_pairs_of_tables_are_scored(model: CrossEncoder, sentences: Callable[..., list[str]]) -> None:
    queries, texts = sentences(3, seed=5, longest=8), sentences(9, seed=6)
    rows = np.array([[2, 0], [0, 8], [0, 8]])
    scores = model.score_rows(model.tokenize(queries), model.tokenize(texts), rows)
    expected = model.score_pairs([(queries[q], texts[t]) for q, t in rows])
    assert scores == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("query", ["", "word " * 10_000, "\ud800", "机器 学习", "C++ & <b>{}[]()^~*?"])
def test_odd_queries_and_texts_have_scores(model: CrossEncoder, query: str) -> None:
    assert np.isfinite(model.score(query, ["", "text", "long " * 10_000])).all()


def test_word_vectors_are_the_input_embeddings(model: CrossEncoder) -> None:
    assert model.word_vectors().shape[1] == 32
    assert model.tokenize(["graph"]).ids.max() < len(model.word_vectors())


def test_no_texts_give_no_scores(model: CrossEncoder) -> None:
    assert model.score("graph", []).shape == (0,)
    assert model.score_pairs([]).shape == (0,)


def test_bf16_orders_as_fp32_does(
    cross_encoder_folder: Path, model: CrossEncoder, sentences: Callable[..., list[str]]
) -> None:
    half = CrossEncoder(cross_encoder_folder, dtype="bfloat16", max_tokens=48)
    texts = sentences(60, seed=7)
    full = model.score("graph attention", texts)
    assert np.corrcoef(full, half.score("graph attention", texts))[0, 1] > 0.99
    assert half.identity != model.identity


def test_known_pairs_come_from_the_cache(
    cross_encoder_folder: Path, sentences: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = MemoryScoreCache()
    model = CrossEncoder(cross_encoder_folder, dtype="float32", cache=cache)
    texts = sentences(10, seed=8)
    first = model.score("graph", [*texts, texts[0]])
    calls = []
    whole = model.score_rows

    def counted(queries: TokenTable, texts: TokenTable, rows: Ints) -> Float32s:
        calls.append(len(rows))
        return whole(queries, texts, rows)

    monkeypatch.setattr(model, "score_rows", counted)
    again = model.score("graph", ["a new one", *texts])
    assert again[1:] == pytest.approx(first[:-1])
    assert calls == [1]
    assert model.score("other query", texts) != pytest.approx(first[:-1])


def test_a_full_card_halves_the_batch_and_goes_on(
    cross_encoder_folder: Path,
    sentences: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = CrossEncoder(cross_encoder_folder, inference="torch", dtype="float32", max_tokens=48, batch_tokens=48 * 16)
    texts = sentences(40, seed=9)
    expected = model.score("graph", texts)
    whole = model._model.forward

    def small_card(batch: Batch) -> Any:
        if len(batch.input_ids) > 4:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return whole(batch)

    monkeypatch.setattr(model._model, "forward", small_card)
    assert model.score("graph", texts) == pytest.approx(expected, abs=1e-4)
    assert "Out of memory" in caplog.text


def test_nan_scores_are_an_error_that_names_the_rows(cross_encoder_folder: Path) -> None:
    model = CrossEncoder(cross_encoder_folder, inference="torch", dtype="float32")
    assert isinstance(model._model, TorchModel)
    with torch.no_grad():
        model._model.module[0].model.classifier.bias.fill_(float("nan"))
    with pytest.raises(ScoresNotFinite, match="2 of 2 texts") as caught:
        model.score("graph", ["a", "b"])
    assert caught.value.rows == (0, 1)


def test_a_missing_or_truncated_folder_is_reported(cross_encoder_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        CrossEncoder(tmp_path / "nowhere")
    broken = shutil.copytree(cross_encoder_folder, tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelBroken, match="truncated"):
        CrossEncoder(broken)


def test_a_folder_without_a_tokenizer_is_reported(cross_encoder_folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(cross_encoder_folder, tmp_path / "broken")
    for path in broken.glob("*token*"):
        path.unlink()
    with pytest.raises(ModelBroken):
        CrossEncoder(broken)


def test_a_classifier_of_several_classes_is_refused(cross_encoder_folder: Path, tmp_path: Path) -> None:
    from transformers import BertForSequenceClassification

    folder = shutil.copytree(cross_encoder_folder, tmp_path / "three")
    config = BertForSequenceClassification.config_class.from_pretrained(folder, num_labels=3)
    BertForSequenceClassification(config).save_pretrained(folder)
    with pytest.raises(ModelBroken, match="has 3 outputs"):
        CrossEncoder(folder)


def test_another_architecture_takes_its_own_forward_pass(
    cross_encoder_folder: Path,
    model: CrossEncoder,
    sentences: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FirstTokenScorer, "suits", staticmethod(lambda transformer: False))
    general = CrossEncoder(cross_encoder_folder, inference="torch", dtype="float32", max_tokens=48)
    texts = sentences(12, seed=10)
    assert general.score("graph", texts) == pytest.approx(model.score("graph", texts), abs=1e-4)
