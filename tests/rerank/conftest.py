"""Tiny models with random weights, for tests of loading, batching and training in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from transformers import BertConfig, BertTokenizerFast

WORDS = """
graph neural network attention retrieval of scientific papers with anchors and queries the a in on for deep model
prime numbers gaps theorem proof abelian groups speech translation parsing image quantum field theory learning
""".split()  # noqa: SIM905 (words, not a list of literals)


def _tokenizer() -> BertTokenizerFast:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import BertTokenizerFast

    letters = [f"{prefix}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for prefix in ("", "##")]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*special, *letters, ".", ",", *WORDS]))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=64)


def _config(tokenizer: BertTokenizerFast, **more: Any) -> BertConfig:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.3,  # with the usual 0.02 all outputs are nearly equal
        **more,
    )


@pytest.fixture(scope="session")
def cross_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of two layers."""
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    model = BertForSequenceClassification(_config(tokenizer, num_labels=1))
    with torch.no_grad():
        model.classifier.weight.mul_(5)  # logits outside 0 to 1, so that a hidden sigmoid would be seen
    folder = tmp_path_factory.mktemp("models") / "tiny-cross-encoder"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of two layers with mean pooling."""
    return save_encoder(tmp_path_factory.mktemp("models") / "tiny-encoder", seed=1)


def save_encoder(folder: Path, *, seed: int) -> Path:
    """Save an encoder of two layers with mean pooling and random weights; returns ``folder``."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    torch.manual_seed(seed)
    tokenizer = _tokenizer()
    raw = folder.with_name(f"raw-{seed}")
    BertModel(_config(tokenizer)).save_pretrained(raw)
    tokenizer.save_pretrained(raw)
    transformer = Transformer(str(raw), max_seq_length=48)
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save_pretrained(str(folder))
    return folder


@pytest.fixture
def sentences() -> Callable[..., list[str]]:
    """Random sentences of the tiny vocabulary."""
    import numpy as np

    def make(n: int, *, seed: int = 0, longest: int = 90) -> list[str]:
        rng = np.random.default_rng(seed)
        return [" ".join(rng.choice(WORDS, size=rng.integers(0, longest))) for _ in range(n)]

    return make
