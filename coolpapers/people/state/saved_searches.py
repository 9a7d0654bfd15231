"""A saved search as an item: its name, its query, and the time of the reader's last visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_MS = 32_503_680_000_000  # the year 3000
MAX_NAME = 120  # characters of the name of a saved search or collection


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a reader follows, and the reader's last look at its results.

    ``opened_at`` is the time of the look. ``row`` and ``paper`` are the row number and key of the newest paper that the
    index had then; 0 and "" where a device did not store them.
    """

    ident: str
    name: str
    query: str
    mail: bool
    saved_at: datetime
    opened_at: datetime
    row: int = 0
    paper: str = ""

    @property
    def title(self) -> str:
        return self.name or self.query


def read_search(ident: str, value: object, *, changed: int) -> SavedSearch:
    """A saved search from an item; devices write the value, so it may hold anything."""
    fields = value if isinstance(value, dict) else {}
    saved_at = to_datetime(changed)
    opened = fields.get("opened")
    return SavedSearch(
        ident=ident,
        name=" ".join(str(fields.get("name") or "").split())[:MAX_NAME],
        query=" ".join(str(fields.get("query") or "").split()),
        mail=fields.get("mail") is True,
        saved_at=saved_at,
        opened_at=to_datetime(opened) if isinstance(opened, int) else saved_at,
        row=_read_row(fields.get("row")),
        paper=str(fields.get("paper") or ""),
    )


def _read_row(value: object) -> int:
    is_row = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    return value if is_row and isinstance(value, int) else 0


def to_datetime(milliseconds: int) -> datetime:
    """A device's time in milliseconds since 1970, clamped to the years 1970 to 3000."""
    return _EPOCH + timedelta(milliseconds=max(0, min(milliseconds, _MAX_MS)))
