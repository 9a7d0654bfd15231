"""Token ids kept flat, and the padded batches made of them.

Tokenising, padding and Python cost a small cross-encoder more than its matrix products do, so a text is tokenised once
and pairs are assembled by indexing: no Python runs per pair. Start at :class:`Tokenizer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rerank.arrays import Int32s, Ints, Rows
from rerank.errors import ModelBroken, ShapeError

CHARS_PER_TOKEN = 40  # texts are cut to this many characters a token first: a megabyte of query costs nothing
_PROBE = ("paper", "query words")  # any two texts with different ids


@dataclass(frozen=True, slots=True)
class TokenTable:
    """Token ids of many texts: text `i` is ``ids[offsets[i]:offsets[i + 1]]``, without special tokens."""

    ids: Int32s
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Tokens of each text, shape (n_texts,)."""
        return np.diff(self.offsets)

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> TokenTable:
        """Table of rows of ids.

        >>> TokenTable.of([[5, 6], [], [7]]).lengths.tolist()
        [2, 0, 1]
        """
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        ids = np.fromiter((token for row in rows for token in row), dtype=np.int32, count=int(offsets[-1]))
        return cls(ids=ids, offsets=offsets)


@dataclass(frozen=True, slots=True)
class Batch:
    """A padded batch: int64 arrays of shape (n_rows, width)."""

    input_ids: Ints
    attention_mask: Ints
    token_type_ids: Ints | None


@dataclass(frozen=True, slots=True)
class Template:
    """Special tokens round one text (``parts`` = 2) or a pair (``parts`` = 3), and their token types.

    BERT's pair is ``([CLS], [SEP], [SEP])`` with the types ``(0, 0, 1)`` for the specials and ``(0, 1)`` for the texts.
    """

    parts: tuple[tuple[int, ...], ...]
    special_types: tuple[int, ...]
    text_types: tuple[int, ...]
    pad_id: int
    with_types: bool

    @property
    def n_special(self) -> int:
        """Special tokens in all."""
        return sum(map(len, self.parts))


class Tokenizer:
    """A Hugging Face fast tokenizer, turned into tables and batches."""

    def __init__(self, tokenizer: Any) -> None:
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelBroken("This model has no fast tokenizer (tokenizer.json); its folder is incomplete.")
        self._plain = type(backend).from_str(backend.to_str())  # a copy: truncation is state of the shared one
        self._plain.no_truncation()
        self._plain.no_padding()
        self._hugging_face = tokenizer
        self.single = self._find_template(1)
        self.pair = self._find_template(2)

    def tokenize(self, texts: Sequence[str], *, max_tokens: int) -> TokenTable:
        """Ids of each text without special tokens, cut to `max_tokens`."""
        if not texts:
            return TokenTable.of([])
        cut = [_encodable(text[: max_tokens * CHARS_PER_TOKEN]) for text in texts]
        encoded = self._plain.encode_batch_fast(cut, add_special_tokens=False)
        return TokenTable.of([row.ids[:max_tokens] for row in encoded])

    def _find_template(self, n_texts: int) -> Template:
        """Read the special tokens off an encoded probe: right for BERT, RoBERTa and whatever a post-processor says."""
        texts = _PROBE[:n_texts]
        encoded = self._plain.encode(*texts, add_special_tokens=True)
        inner = [self._plain.encode(text, add_special_tokens=False).ids for text in texts]
        parts: list[tuple[int, ...]] = []
        types: list[int] = []
        text_types: list[int] = []
        start = 0
        for ids in inner:
            at = _find(encoded.ids, ids, start=start)
            parts.append(tuple(encoded.ids[start:at]))
            types.append(encoded.type_ids[start] if at > start else 0)
            text_types.append(encoded.type_ids[at])
            start = at + len(ids)
        parts.append(tuple(encoded.ids[start:]))
        types.append(encoded.type_ids[-1])
        names = getattr(self._hugging_face, "model_input_names", ())
        return Template(
            parts=tuple(parts),
            special_types=tuple(types),
            text_types=tuple(text_types),
            pad_id=int(getattr(self._hugging_face, "pad_token_id", 0) or 0),
            with_types="token_type_ids" in names,
        )


def pair_lengths(first: Ints, second: Ints, *, room: int) -> tuple[Ints, Ints]:
    """Lengths after the longer text of each pair gave up tokens until both fit into `room`.

    The same rule as Hugging Face's ``longest_first``: the shorter keeps all it can, two long ones end up even, the
    second with the odd token.

    >>> [part.tolist() for part in pair_lengths(np.array([3, 90]), np.array([200, 90]), room=101)]
    [[3, 50], [98, 51]]
    """
    short, long = np.minimum(first, second), np.maximum(first, second)
    fits = short + long <= room
    half = room // 2
    new_short = np.where(fits, short, np.minimum(short, half))
    new_long = np.where(fits, long, room - new_short)
    swapped = first > second
    kept_first = np.where(swapped, new_long, new_short)
    kept_second = np.where(swapped, new_short, new_long)
    return kept_first, kept_second


def assemble(
    template: Template,
    tables: Sequence[TokenTable],
    rows: Rows,
    lengths: Ints,
    *,
    multiple: int = 8,
) -> Batch:
    """Padded batch of some rows.

    Parameters
    ----------
    tables
        One table a text of the template.
    rows : int64, shape (n_rows, n_texts)
        Which text of each table stands in which row of the batch.
    lengths : int64, shape (n_rows, n_texts)
        Tokens of each to use, as :func:`pair_lengths` gives.
    multiple
        The width is rounded up to it: few widths mean few kernels to choose.
    """
    if len(tables) != rows.shape[1] or rows.shape != lengths.shape or len(template.parts) != len(tables) + 1:
        raise ShapeError(
            f"{len(tables)} tables, rows {rows.shape}, lengths {lengths.shape}: these do not fit together."
        )
    totals = lengths.sum(axis=1) + template.n_special  # (n_rows,)
    width = -(-int(totals.max(initial=1)) // multiple) * multiple
    column = np.arange(width)[None, :]  # (1, width)
    ids = np.full((len(rows), width), template.pad_id, dtype=np.int64)
    types = np.zeros_like(ids)
    start = np.zeros((len(rows), 1), dtype=np.int64)
    for part, special in enumerate(template.parts):
        for token in special:
            np.put_along_axis(ids, start, token, axis=1)
            np.put_along_axis(types, start, template.special_types[part], axis=1)
            start = start + 1
        if part < len(tables):
            size = lengths[:, part : part + 1]  # (n_rows, 1)
            inside = (column >= start) & (column < start + size)  # (n_rows, width)
            source = tables[part].offsets[rows[:, part]][:, None] + column - start
            ids[inside] = tables[part].ids[source[inside]]
            types[inside] = template.text_types[part]
            start = start + size
    mask = (column < totals[:, None]).astype(np.int64)
    return Batch(input_ids=ids, attention_mask=mask, token_type_ids=types if template.with_types else None)


def _find(ids: Sequence[int], part: Sequence[int], *, start: int) -> int:
    for at in range(start, len(ids) - len(part) + 1):
        if list(ids[at : at + len(part)]) == list(part):
            return at
    raise ModelBroken("The tokenizer rewrites texts when it joins them; this model cannot be used here.")


def _encodable(text: str) -> str:
    """Lone surrogates cannot be encoded; they become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
