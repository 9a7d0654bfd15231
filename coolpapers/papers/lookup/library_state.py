"""How current the library is, and whether it is the starter library alone. Start at :func:`read_library_state`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from coolpapers.papers.models import ImportRun

STARTER_LOCATION = "/starter/papers.jsonl"  # ends the location of the run that loaded it


@dataclass(frozen=True, slots=True)
class LibraryState:
    """``updated_at`` is when the last import or harvest stored something; None before the first."""

    updated_at: datetime | None
    is_stale: bool
    is_starter: bool

    def n_days_old(self, now: datetime) -> int:
        """Whole days since the last update."""
        return (now - self.updated_at).days if self.updated_at else 0


def read_library_state(*, now: datetime, stale_days: int) -> LibraryState:
    """The state of the library; it is stale after ``stale_days`` days without an import or harvest (0: never)."""
    runs = list(ImportRun.objects.order_by("-updated_at").values_list("location", "updated_at"))
    updated_at = runs[0][1] if runs else None
    is_stale = bool(stale_days) and updated_at is not None and now - updated_at >= timedelta(days=stale_days)
    is_starter = bool(runs) and all(location.endswith(STARTER_LOCATION) for location, _updated_at in runs)
    return LibraryState(updated_at, is_stale, is_starter)
