"""When a backup is due, and which ones are kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.operating.backups.rotation import (
    Keeping,
    backup_path,
    dated_backups,
    delete_superfluous,
    is_due,
    superfluous,
)

MONDAY = date(2026, 11, 30)


def test_a_year_of_backups_leaves_seven_days_and_the_newest_of_four_weeks() -> None:
    days = [MONDAY - timedelta(days=number) for number in range(365)]
    kept = sorted(set(days) - superfluous(days, Keeping()), reverse=True)
    assert kept[:7] == days[:7]
    assert kept[7:] == [date(2026, 11, 22), date(2026, 11, 15)]  # Sundays; those of newer weeks are among the seven


@given(st.sets(st.dates(date(2020, 1, 1), date(2027, 12, 31)), max_size=60), st.integers(-1, 9), st.integers(0, 9))
def test_the_newest_is_kept_and_deleting_twice_deletes_nothing_more(
    days: set[date], n_daily: int, n_weekly: int
) -> None:
    keeping = Keeping(n_daily=n_daily, n_weekly=n_weekly)
    kept = days - superfluous(days, keeping)
    assert not days or max(days) in kept
    assert superfluous(kept, keeping) == set()
    assert len(kept) <= max(1, n_daily) + n_weekly


def test_day_by_day_a_backup_of_each_week_remains() -> None:
    kept: set[date] = set()
    for number in range(100):
        kept.add(MONDAY + timedelta(days=number))
        kept -= superfluous(kept, Keeping())
    assert len({day.isocalendar()[:2] for day in kept}) == 4


def test_only_our_own_files_are_deleted(tmp_path: Path) -> None:
    names = ["coolpapers-2026-11-28.zip", "coolpapers-2026-11-29.zip", "coolpapers-2026-11-30.zip"]
    others = ["coolpapers-2026-02-31.zip", "coolpapers-before-upgrade.zip", "thesis.zip"]
    for name in (*names, *others):
        (tmp_path / name).write_text("x", encoding="utf-8")
    deleted = delete_superfluous(tmp_path, Keeping(n_daily=1, n_weekly=0))
    assert [path.name for path in deleted] == names[:2]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, names[2]])


@pytest.mark.parametrize(("hour", "due"), [(2, False), (3, True), (23, True)])
def test_it_is_due_after_the_hour_until_it_was_made(tmp_path: Path, hour: int, due: bool) -> None:
    now = datetime(2026, 11, 30, hour)
    assert is_due(tmp_path, now, hour=3) == due
    backup_path(tmp_path, now.date()).write_text("x", encoding="utf-8")
    assert not is_due(tmp_path, now, hour=3)
    assert list(dated_backups(tmp_path)) == [MONDAY]
