from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from rerank.encoders.cross_encoder import load_model
from rerank.encoders.encoder import load_encoder
from rerank.encoders.tokens import assemble
from rerank.encoders.torch_model import TorchModel


def test_an_encoder_knows_its_limits_and_runs(encoder_folder: Path) -> None:
    model = TorchModel.encoder(load_encoder(encoder_folder), device="cpu", dtype="float32")
    assert (model.dim, model.max_tokens, model.placement.dtype) == (32, 48, "float32")
    table = model.tokenizer.tokenize(["graph networks", "prime"], max_tokens=8)
    batch = assemble(model.tokenizer.single, (table,), np.arange(2)[:, None], table.lengths[:, None])
    assert model.fetch(model.forward(batch)).shape == (2, 32)
    assert model.word_vectors().shape[1] == 32


def test_the_number_format_is_measured_with_texts_and_with_pairs(
    encoder_folder: Path, cross_encoder_folder: Path
) -> None:
    encoder = TorchModel.encoder(load_encoder(encoder_folder), device="cpu", dtype="auto")
    scorer = TorchModel.cross_encoder(load_model(cross_encoder_folder), device="cpu", dtype="auto")
    assert "measured" in encoder.placement.reason
    assert "measured" in scorer.placement.reason


def test_a_second_model_shares_equal_words_with_the_first(encoder_folder: Path) -> None:
    first = TorchModel.encoder(load_encoder(encoder_folder), device="cpu", dtype="float32")
    second = TorchModel.placed_like(load_encoder(encoder_folder), first)
    tables = [model.module[0].model.get_input_embeddings().weight for model in (first, second)]
    assert tables[0] is tables[1]
    other = load_encoder(encoder_folder)
    with torch.no_grad():
        other[0].model.get_input_embeddings().weight.add_(1)
    own = TorchModel.placed_like(other, first).module[0].model.get_input_embeddings().weight
    assert own is not tables[0]


def test_memory_errors_of_the_host_are_recognised(encoder_folder: Path, sentences: Callable[..., list[str]]) -> None:
    model = TorchModel.encoder(load_encoder(encoder_folder), device="cpu", dtype="float32")
    assert model.is_out_of_memory(RuntimeError("not enough memory: you tried to allocate"))
    assert not model.is_out_of_memory(RuntimeError("shapes do not fit"))
