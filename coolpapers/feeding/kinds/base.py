"""What a kind of source is given when its time comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from coolpapers.feeding.models import FeedSource
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.importing.services import ImportHooks
from coolpapers.papers.importing.upserting import Upserter, UpsertReport
from coolpapers.papers.records.record import Item, Refusal
from search.base.aliases import ShouldStop

FIRST_DAYS = 7  # a first harvest without a day to begin from
MAX_REFUSALS = 20  # kept in words


@dataclass(kw_only=True)
class Harvest:
    """One run of a source.

    ``should_stop`` becomes true when the run has taken its time: the next one goes on from ``cursor``, which
    ``save_cursor`` stores. ``is_complete`` is set to False by a kind that has not come to the end.
    """

    source: FeedSource
    client: PoliteClient
    now: datetime
    should_stop: ShouldStop
    save_cursor: Callable[[], None]
    report: UpsertReport = field(default_factory=UpsertReport)
    refusals: list[str] = field(default_factory=list)
    is_complete: bool = True

    @property
    def cursor(self) -> dict[str, Any]:
        cursor: dict[str, Any] = self.source.cursor
        return cursor

    @property
    def first_day(self) -> date:
        return self.source.since or self.now.date() - timedelta(days=FIRST_DAYS)

    @property
    def selected(self) -> list[str]:
        return self.source.selection.split()

    def write(self, items: Iterable[Item], *, location: str) -> UpsertReport:
        """Write items into the library."""
        upserter = Upserter(location=location, now=self.now, refused=self.refuse, should_stop=self.should_stop)
        return self.add(upserter.run(items))

    def add(self, report: UpsertReport) -> UpsertReport:
        """Count what became of items."""
        self.report.added += report.added
        self.report.changed += report.changed
        self.report.skipped += report.skipped
        self.report.refused += report.refused
        return report

    def refuse(self, refusal: Refusal) -> None:
        if len(self.refusals) < MAX_REFUSALS:
            self.refusals.append(str(refusal)[:500])

    def hooks(self) -> ImportHooks:
        """For imports and harvests that have a loop of their own."""
        return ImportHooks(
            refused=self.refuse, progressed=lambda _report, _share: self.save_cursor(), should_stop=self.should_stop
        )
