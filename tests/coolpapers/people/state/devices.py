"""A device as the protocol of docs/reference/personal-state.md describes it, for tests of the server's side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coolpapers.people.state.writes import Write

# What a device asks of the server: writes and cursor in; items, cursor, more and reset out.
Ask = Callable[[list[Write], int], tuple[list[Write], int, bool, bool]]


class Device:
    """Items by kind and key; ``dirty`` are those written here and not yet answered for.

    ``ahead_ms`` is by how much its clock is wrong.
    """

    def __init__(self, *, ahead_ms: int = 0) -> None:
        self.ahead_ms = ahead_ms
        self.items: dict[tuple[str, str], Write] = {}
        self.dirty: set[tuple[str, str]] = set()
        self.cursor = 0

    def write(self, kind: str, key: str, value: dict[str, Any], *, now_ms: int, deleted: bool = False) -> None:
        known = self.items.get((kind, key))
        changed = max(now_ms + self.ahead_ms, known.changed + 1 if known else 0)
        self.items[kind, key] = Write(kind, key, changed, {} if deleted else value, deleted)
        self.dirty.add((kind, key))

    def hand_in(self) -> tuple[list[Write], int]:
        """What a request holds."""
        return [self.items[ident] for ident in sorted(self.dirty)], self.cursor

    def take(self, sent: list[Write], items: list[Write], cursor: int) -> None:
        """What an answer does: what was sent is done with, unless it was written again since."""
        self.dirty -= {write.ident for write in sent if self.items[write.ident] == write}
        for write in items:
            if write.ident not in self.dirty or write.rank > self.items[write.ident].rank:
                self.items[write.ident] = write
                self.dirty.discard(write.ident)
        self.cursor = cursor

    def sync(self, ask: Ask) -> None:
        has_more = True
        while has_more:
            sent, cursor = self.hand_in()
            items, cursor, has_more, is_reset = ask(sent, cursor)
            self.take(sent, items, cursor)
            if is_reset:
                self.dirty = set(self.items)
                has_more = True
