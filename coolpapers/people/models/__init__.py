"""Tables of personal state: items, e-mail alerts and shared collections."""

from __future__ import annotations

from coolpapers.people.models.alerts import AlertState, OpenMail, SentPaper
from coolpapers.people.models.items import Item, ItemQuerySet, SyncCounter
from coolpapers.people.models.sharing import SharedCollection

__all__ = ["AlertState", "Item", "ItemQuerySet", "OpenMail", "SentPaper", "SharedCollection", "SyncCounter"]
