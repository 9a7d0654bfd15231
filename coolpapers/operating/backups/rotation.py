"""Scheduled backups: when the next one is due, and which older ones are deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

_NAME = re.compile(r"coolpapers-(\d{4}-\d{2}-\d{2})\.zip")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many backups to keep: the newest ``n_daily``, and one a week for ``n_weekly`` weeks."""

    n_daily: int = 7
    n_weekly: int = 4


def backup_path(folder: Path, day: date) -> Path:
    return folder / f"coolpapers-{day.isoformat()}.zip"


def dated_backups(folder: Path) -> dict[date, Path]:
    """The scheduled backups in a folder by day; other files are none."""
    days = {}
    for path in sorted(folder.glob("coolpapers-*.zip")):
        if match := _NAME.fullmatch(path.name):
            try:
                days[date.fromisoformat(match[1])] = path
            except ValueError:  # 2026-02-31
                continue
    return days


def newest_backup(folder: Path) -> Path | None:
    """The newest scheduled backup; None where there is none."""
    backups = dated_backups(folder)
    return backups[max(backups)] if backups else None


def is_due(folder: Path, now: datetime, *, hour: int) -> bool:
    """Whether the day's backup is missing, at or after the hour. A day that was missed is not made up for."""
    return now.hour >= hour and now.date() not in dated_backups(folder)


def superfluous(days: Iterable[date], keeping: Keeping) -> set[date]:
    """Days whose backups are deleted. The newest one never is.

    The weekly backup is the newest of its ISO week, so that it is there from its first day on.
    """
    newest_first = sorted(days, reverse=True)
    kept = set(newest_first[: max(1, keeping.n_daily)])
    weekly: dict[tuple[int, int], date] = {}
    for day in newest_first:
        weekly.setdefault(day.isocalendar()[:2], day)
    kept |= set(list(weekly.values())[: keeping.n_weekly])
    return set(newest_first) - kept


def delete_superfluous(folder: Path, keeping: Keeping) -> list[Path]:
    """Delete the backups that are not kept any more; return their paths."""
    backups = dated_backups(folder)
    paths = [backups[day] for day in sorted(superfluous(backups, keeping))]
    for path in paths:
        path.unlink(missing_ok=True)
    return paths
