from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel

from rerank.encoders.first_token import FirstTokenScorer


def make_model(n_layers: int) -> BertForSequenceClassification:
    torch.manual_seed(n_layers)
    config = BertConfig(
        vocab_size=50,
        hidden_size=24,
        num_hidden_layers=n_layers,
        num_attention_heads=3,
        intermediate_size=48,
        max_position_embeddings=20,
        num_labels=1,
    )
    return BertForSequenceClassification(config).eval()


def make_batch(*, padded: bool) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, 50, (6, 16), generator=generator)
    mask = torch.ones_like(ids)
    if padded:
        for row in range(6):
            mask[row, 16 - row * 2 :] = 0
    types = (torch.arange(16) > 5).long().expand(6, 16)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


@pytest.mark.parametrize("n_layers", [1, 2, 4])
@pytest.mark.parametrize("padded", [False, True])
def test_it_answers_what_the_model_answers(n_layers: int, padded: bool) -> None:
    model, batch = make_model(n_layers), make_batch(padded=padded)
    with torch.inference_mode():
        expected = model(**batch).logits[:, 0]
        scores = FirstTokenScorer(model)(batch, padded=padded)
    assert scores.tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert expected.std() > 0


def test_only_plain_bert_cross_encoders_are_supported() -> None:
    model = make_model(1)
    assert FirstTokenScorer.suits(model)
    assert not FirstTokenScorer.suits(BertModel(model.config))
    assert not FirstTokenScorer.suits(torch.nn.Linear(1, 1))
