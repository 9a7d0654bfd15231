from __future__ import annotations

import logging
from pathlib import Path

import pytest

from rerank.encoders.cross_encoder import load_model
from rerank.encoders.loading import cut_layers, plain_logging
from rerank.errors import ModelBroken


def test_layers_are_cut_from_the_end(cross_encoder_folder: Path) -> None:
    module = load_model(cross_encoder_folder)
    first = module[0].model.bert.encoder.layer[0]
    cut_layers(module, n_layers=1)
    assert list(module[0].model.bert.encoder.layer) == [first]
    assert module[0].model.config.num_hidden_layers == 1
    with pytest.raises(ModelBroken, match="5 layers cannot be kept"):
        cut_layers(module, n_layers=5)


def test_logging_is_as_before_afterwards() -> None:
    from transformers.utils import logging as their_logging

    def state() -> tuple[object, ...]:
        return their_logging.get_verbosity(), their_logging.is_progress_bar_enabled(), on_top.level

    on_top = logging.getLogger("sentence_transformers")
    before = state()
    with plain_logging():
        assert state() == (logging.ERROR, False, logging.ERROR)
    assert state() == before
