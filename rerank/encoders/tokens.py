"""Token ids in flat tables, and padded batches assembled from them. Start at :class:`Tokenizer`.

For a small cross-encoder, tokenising, padding and Python loops take longer than the matrix products. Each text is
therefore tokenised once, and batches of pairs are assembled by array indexing, without Python code per pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rerank.arrays import Int32s, Ints, Rows
from rerank.errors import ModelBroken, ShapeError

CHARS_PER_TOKEN = 40  # texts are cut to this many characters per token first, so that very long ones cost no more
_PROBE = ("paper", "query words")  # any two texts with different token ids


@dataclass(frozen=True, slots=True)
class TokenTable:
    """Token ids of many texts: text `i` is ``ids[offsets[i]:offsets[i + 1]]``, without special tokens."""

    ids: Int32s
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Number of tokens of each text, shape (n_texts,)."""
        return np.diff(self.offsets)

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> TokenTable:
        """Table from the token ids of each text.

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
    """Special tokens around one text (two ``parts``) or a pair (three), and the token types.

    BERT's pair has the parts ``([CLS], [SEP], [SEP])``, the types ``(0, 0, 1)`` of these parts and the types ``(0, 1)``
    of the texts.
    """

    parts: tuple[tuple[int, ...], ...]
    special_types: tuple[int, ...]
    text_types: tuple[int, ...]
    pad_id: int
    with_types: bool

    @property
    def n_special(self) -> int:
        """Total number of special tokens."""
        return sum(map(len, self.parts))


class Tokenizer:
    """Tokenises texts into tables with a tokenizer of the package ``tokenizers``.

    Parameters
    ----------
    backend
        A ``tokenizers.Tokenizer``; it is copied.
    pad_id
        Token id of padding.
    with_types
        Whether the model has token types.
    """

    def __init__(self, backend: Any, *, pad_id: int, with_types: bool) -> None:
        self._backend = type(backend).from_str(backend.to_str())  # a copy: truncation is state of the original
        self._backend.no_truncation()
        self._backend.no_padding()
        self._pad_id, self._with_types = pad_id, with_types
        self.single = self._find_template(1)
        self.pair = self._find_template(2)

    @classmethod
    def of_transformers(cls, tokenizer: Any) -> Tokenizer:
        """The tokenizer inside one of transformers. Raises ModelBroken if it is not a fast one."""
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelBroken("This model has no fast tokenizer (tokenizer.json); copy the whole model folder again.")
        return cls(
            backend,
            pad_id=int(getattr(tokenizer, "pad_token_id", 0) or 0),
            with_types="token_type_ids" in getattr(tokenizer, "model_input_names", ()),
        )

    def tokenize(self, texts: Sequence[str], *, max_tokens: int) -> TokenTable:
        """Token ids of each text without special tokens, truncated to `max_tokens`."""
        if not texts:
            return TokenTable.of([])
        shortened = [_encodable(text[: max_tokens * CHARS_PER_TOKEN]) for text in texts]
        encoded = self._backend.encode_batch_fast(shortened, add_special_tokens=False)
        return TokenTable.of([row.ids[:max_tokens] for row in encoded])

    def _find_template(self, n_texts: int) -> Template:
        """Find the special tokens by encoding a probe; this works for BERT, RoBERTa and any other post-processor."""
        texts = _PROBE[:n_texts]
        encoded = self._backend.encode(*texts, add_special_tokens=True)
        ids_of_texts = [self._backend.encode(text, add_special_tokens=False).ids for text in texts]
        parts: list[tuple[int, ...]] = []
        special_types: list[int] = []
        text_types: list[int] = []
        start = 0
        for ids in ids_of_texts:
            text_start = _find(encoded.ids, ids, start=start)
            parts.append(tuple(encoded.ids[start:text_start]))
            special_types.append(encoded.type_ids[start] if text_start > start else 0)
            text_types.append(encoded.type_ids[text_start])
            start = text_start + len(ids)
        parts.append(tuple(encoded.ids[start:]))
        special_types.append(encoded.type_ids[-1])
        return Template(
            parts=tuple(parts),
            special_types=tuple(special_types),
            text_types=tuple(text_types),
            pad_id=self._pad_id,
            with_types=self._with_types,
        )


def pair_lengths(first: Ints, second: Ints, *, room: int) -> tuple[Ints, Ints]:
    """Lengths after truncation of pairs to `room` tokens in all, by Hugging Face's rule ``longest_first``.

    The longer text of a pair is truncated first. If both are longer than half of the room, each gets half of it, and
    an odd token goes to the longer one (to the second text if they are equally long).

    >>> [part.tolist() for part in pair_lengths(np.array([3, 90]), np.array([200, 90]), room=101)]
    [[3, 50], [98, 51]]
    """
    shorter, longer = np.minimum(first, second), np.maximum(first, second)
    fits = shorter + longer <= room
    half = room // 2
    new_shorter = np.where(fits, shorter, np.minimum(shorter, half))
    new_longer = np.where(fits, longer, room - new_shorter)
    is_first_longer = first > second
    new_first = np.where(is_first_longer, new_longer, new_shorter)
    new_second = np.where(is_first_longer, new_shorter, new_longer)
    return new_first, new_second


def assemble(
    template: Template,
    tables: Sequence[TokenTable],
    rows: Rows,
    lengths: Ints,
    *,
    multiple: int = 8,
) -> Batch:
    """Padded batch of single texts, or of pairs.

    Parameters
    ----------
    tables
        One table for each text of the template.
    rows : int64, shape (n_rows, n_texts)
        Row of each text in its table.
    lengths : int64, shape (n_rows, n_texts)
        Number of tokens of each text to use; for pairs, of :func:`pair_lengths`.
    multiple
        The width is rounded up to a multiple of it, so that fewer different shapes occur.

    Raises
    ------
    ShapeError
        If tables, rows, lengths and template do not fit together.
    """
    if len(tables) != rows.shape[1] or rows.shape != lengths.shape or len(template.parts) != len(tables) + 1:
        raise ShapeError(
            f"{len(tables)} tables, rows of shape {rows.shape} and lengths of shape {lengths.shape} do not fit"
            f" a template for {len(template.parts) - 1} texts."
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
    """Position of `part` in `ids`, from `start` on."""
    for position in range(start, len(ids) - len(part) + 1):
        if list(ids[position : position + len(part)]) == list(part):
            return position
    raise ModelBroken(
        "The tokenizer of this model encodes a text differently with special tokens around it; use another model."
    )


def _encodable(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
