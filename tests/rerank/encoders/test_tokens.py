from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rerank.encoders.tokens import Batch, Template, Tokenizer, TokenTable, assemble, pair_lengths
from rerank.errors import ModelBroken, ShapeError

if TYPE_CHECKING:
    from transformers import BertTokenizerFast


@pytest.fixture(scope="module")
def hugging_face(cross_encoder_folder: Path) -> BertTokenizerFast:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(cross_encoder_folder)


def assembled_pairs(tokenizer: Tokenizer, firsts: list[str], seconds: list[str], *, max_tokens: int) -> Batch:
    tables = [tokenizer.tokenize(texts, max_tokens=max_tokens) for texts in (firsts, seconds)]
    room = max_tokens - tokenizer.pair.n_special
    lengths = np.stack(pair_lengths(tables[0].lengths, tables[1].lengths, room=room), axis=1)
    rows = np.repeat(np.arange(len(firsts))[:, None], 2, axis=1)
    return assemble(tokenizer.pair, tables, rows, lengths, multiple=1)


def test_a_batch_of_pairs_is_what_hugging_face_makes(
    hugging_face: BertTokenizerFast, sentences: Callable[..., list[str]]
) -> None:
    firsts, seconds = sentences(40, seed=1, longest=40), sentences(40, seed=2)
    ours = assembled_pairs(Tokenizer.of_transformers(hugging_face), firsts, seconds, max_tokens=32)
    theirs = hugging_face(firsts, seconds, padding=True, truncation="longest_first", max_length=32, return_tensors="np")
    assert np.array_equal(ours.input_ids, theirs["input_ids"])
    assert np.array_equal(ours.attention_mask, theirs["attention_mask"])
    assert ours.token_type_ids is not None
    assert np.array_equal(ours.token_type_ids, theirs["token_type_ids"])


def test_a_batch_of_single_texts_is_what_hugging_face_makes(
    hugging_face: BertTokenizerFast, sentences: Callable[..., list[str]]
) -> None:
    tokenizer = Tokenizer.of_transformers(hugging_face)
    texts = sentences(20, seed=3)
    table = tokenizer.tokenize(texts, max_tokens=32)
    lengths = np.minimum(table.lengths, 30)[:, None]
    ours = assemble(tokenizer.single, (table,), np.arange(20)[:, None], lengths, multiple=1)
    theirs = hugging_face(texts, padding=True, truncation=True, max_length=32, return_tensors="np")
    assert np.array_equal(ours.input_ids, theirs["input_ids"])


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=9), st.integers(1, 60))
def test_cut_pairs_fill_the_room_and_keep_the_shorter(pairs: list[tuple[int, int]], room: int) -> None:
    first, second = np.array(pairs).T
    lengths = np.array(pair_lengths(first, second, room=room))
    assert (lengths.sum(axis=0) == np.minimum(first + second, room)).all()
    assert (lengths <= np.array([first, second])).all()
    shorter = np.minimum(first, second)
    assert (lengths.min(axis=0) >= np.minimum(shorter, room // 2)).all()


def test_widths_are_rounded_up_and_padded() -> None:
    template = Template(parts=((1,), (2,)), special_types=(0, 0), text_types=(0,), pad_id=9, with_types=False)
    table = TokenTable.of([[5, 6, 7], [8]])
    batch = assemble(template, (table,), np.array([[1], [0]]), np.array([[1], [3]]), multiple=8)
    assert batch.input_ids.tolist() == [[1, 8, 2, 9, 9, 9, 9, 9], [1, 5, 6, 7, 2, 9, 9, 9]]
    assert batch.attention_mask.sum(axis=1).tolist() == [3, 5]
    assert batch.token_type_ids is None


def test_a_lone_surrogate_and_a_very_long_text_are_tokenised(hugging_face: BertTokenizerFast) -> None:
    table = Tokenizer.of_transformers(hugging_face).tokenize(
        ["graph \ud800 network", "deep " * 10_000, ""], max_tokens=16
    )
    assert table.lengths.tolist()[1:] == [16, 0]
    assert table.lengths[0] > 0


def test_tokenising_leaves_the_shared_tokenizer_as_it_was(hugging_face: BertTokenizerFast) -> None:
    before = hugging_face.backend_tokenizer.to_str()
    Tokenizer.of_transformers(hugging_face).tokenize(["graph"], max_tokens=4)
    assert hugging_face.backend_tokenizer.to_str() == before


def test_a_tokenizer_without_a_fast_half_is_refused() -> None:
    with pytest.raises(ModelBroken, match=r"tokenizer\.json"):
        Tokenizer.of_transformers(object())


def test_tables_that_do_not_fit_the_template_are_refused(hugging_face: BertTokenizerFast) -> None:
    tokenizer = Tokenizer.of_transformers(hugging_face)
    with pytest.raises(ShapeError):
        assemble(tokenizer.pair, (TokenTable.of([[1]]),), np.zeros((1, 1), int), np.ones((1, 1), int))
