from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.state import file_pieces
from coolpapers.people.state.file_pieces import JsonPieces

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def pieces(text: str) -> JsonPieces:
    return JsonPieces(io.StringIO(text))


@given(st.lists(VALUES), st.dictionaries(st.text(), VALUES), st.sampled_from([None, 1]), st.integers(1, 40))
def test_values_come_as_json_reads_them_whatever_the_size_of_a_piece(
    items: list[Any], entries: dict[str, Any], indent: int | None, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_pieces, "PIECE_CHARS", size)
        assert list(pieces(f" {json.dumps(items, indent=indent)} ").items()) == items
        reader = pieces(json.dumps(entries, indent=indent))
        assert {name: reader.value() for name in reader.entries()} == entries
        assert reader.peek() == ""


@pytest.mark.parametrize("text", ["", "[", "[1", "[1 2]", "[1,]", "[1,,2]", "x", "{}", '["a]'])
def test_what_is_no_list_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        list(pieces(text).items())


@pytest.mark.parametrize("text", ['{"a" 1}', "{1: 2}", '{"a": 1', "[]", '{"a": 1,}'])
def test_what_is_no_object_is_an_error(text: str) -> None:
    reader = pieces(text)
    with pytest.raises(ValueError, match="Expecting"):
        [reader.value() for _ in reader.entries()]


def test_a_value_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pieces, "MAX_VALUE_CHARS", 100)
    monkeypatch.setattr(file_pieces, "PIECE_CHARS", 10)
    endless = io.StringIO('["' + "a" * 10_000)
    with pytest.raises(ValueError, match="Unterminated"):
        list(JsonPieces(endless).items())
    assert endless.tell() < 1_000
