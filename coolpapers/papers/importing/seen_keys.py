"""A set of keys that takes some 12 bytes a key, so that an import's memory stays small at any file size."""

from __future__ import annotations

from array import array

_MASK = 2**64 - 1


class SeenKeys:
    """Remembers which keys were added; keeps 64-bit hashes in one flat table (open addressing, at most 2/3 full).

    Two keys share a hash with a chance of n²/2⁶⁵: one in four million for three million keys.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * 1024))
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, key: object) -> bool:
        return self._table[self._slot(self._table, _hash(key))] != 0

    def add(self, key: str) -> None:
        value = _hash(key)
        slot = self._slot(self._table, value)
        if self._table[slot]:
            return
        self._table[slot] = value
        self._size += 1
        if self._size * 3 > len(self._table) * 2:
            self._grow()

    def _grow(self) -> None:
        table = array("Q", bytes(16 * len(self._table)))
        for value in self._table:
            if value:
                table[self._slot(table, value)] = value
        self._table = table

    @staticmethod
    def _slot(table: array[int], value: int) -> int:
        """The place of the value, or the free place where it belongs."""
        last = len(table) - 1  # the length is a power of two
        slot = value & last
        while table[slot] and table[slot] != value:
            slot = (slot + 1) & last
        return slot


def _hash(key: object) -> int:
    return (hash(key) & _MASK) or 1
