"""Which slice of a list a page shows, and where its neighbours begin. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list: ``total`` papers, this page from ``start`` (counted from 0), ``size`` a page."""

    start: int
    size: int
    total: int

    @property
    def stop(self) -> int:
        return min(self.start + self.size, self.total)

    @property
    def is_past_end(self) -> bool:
        return self.total > 0 and self.start >= self.total

    @property
    def next_start(self) -> int | None:
        return self.start + self.size if self.start + self.size < self.total else None

    @property
    def previous_start(self) -> int | None:
        if self.start == 0:
            return None
        return self.last_start if self.is_past_end else max(0, self.start - self.size)

    @property
    def last_start(self) -> int:
        """Where the last page begins."""
        return max(0, (self.total - 1) // self.size * self.size)

    @property
    def number(self) -> int:
        return self.start // self.size + 1

    @property
    def n_pages(self) -> int:
        return self.last_start // self.size + 1
