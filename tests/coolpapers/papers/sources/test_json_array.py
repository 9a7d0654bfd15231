from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.sources import json_array
from coolpapers.papers.sources.json_array import iter_objects

objects = st.recursive(
    st.one_of(st.integers(), st.text(alphabet='{}[]"\\\n:,é中', max_size=8), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


lists = st.lists(st.dictionaries(st.text(max_size=4), objects, max_size=3), max_size=5)


@given(lists, st.integers(1, 40), st.booleans())
def test_every_object_comes_back_however_the_file_is_cut(
    rows: list[dict[str, object]], size: int, indent: bool
) -> None:
    data = json.dumps(rows, indent=1 if indent else None, ensure_ascii=False).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_CHUNK", size)
        assert [json.loads(text) for _, text in iter_objects(io.BytesIO(data))] == rows


def test_lines_are_counted() -> None:
    data = b'[\n {"a": 1},\n {"b":\n 2}, {"c": "\n"},\n {"d": 4}]'
    assert [line for line, _ in iter_objects(io.BytesIO(data))] == [2, 3, 4, 6]


def test_an_array_inside_an_object_is_found() -> None:
    data = b'{"notes": [{"a": 1}, {"b": {"c": 2}}], "count": 2}'
    assert [text for _, text in iter_objects(io.BytesIO(data))] == [b'{"a": 1}', b'{"b": {"c": 2}}']


def test_a_broken_object_costs_only_itself() -> None:
    data = b'[{"a": }, {"b": 1}]'
    assert [text for _, text in iter_objects(io.BytesIO(data))] == [b'{"a": }', b'{"b": 1}']


def test_a_file_that_ends_too_early_says_where() -> None:
    found = iter_objects(io.BytesIO(b'[{"a": 1},\n{"b": "2'))
    assert next(found) == (1, b'{"a": 1}')
    with pytest.raises(SourceFormatError, match="ends inside the object that begins on line 2"):
        next(found)


def test_an_object_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "_MAX_OBJECT", 1000)
    monkeypatch.setattr(json_array, "_CHUNK", 100)
    with pytest.raises(SourceFormatError, match=r"begins on line 1 is longer than"):
        list(iter_objects(io.BytesIO(b'[{"a": "' + b"x" * 5000)))
