"""A saved search as devices keep it: its name, its query, and when its reader last looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 32_503_680_000_000  # the year 3000
MAX_NAME = 120  # characters of a saved search's or collection's name


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a reader follows. ``opened_at`` is when the reader last looked at what it finds."""

    ident: str
    name: str
    query: str
    mail: bool
    saved_at: datetime
    opened_at: datetime

    @property
    def title(self) -> str:
        return self.name or self.query


def read_search(ident: str, value: object, *, changed: int) -> SavedSearch:
    """A saved search from an item, whose value is what a device wrote and may be anything."""
    fields = value if isinstance(value, dict) else {}
    saved_at = moment(changed)
    opened = fields.get("opened")
    return SavedSearch(
        ident=ident,
        name=" ".join(str(fields.get("name") or "").split())[:MAX_NAME],
        query=" ".join(str(fields.get("query") or "").split()),
        mail=fields.get("mail") is True,
        saved_at=saved_at,
        opened_at=moment(opened) if isinstance(opened, int) else saved_at,
    )


def moment(milliseconds: int) -> datetime:
    """A device's time; one that no calendar has is the nearest that ours has."""
    return _EPOCH + timedelta(milliseconds=max(0, min(milliseconds, _LAST_MS)))
