"""The OAI-PMH repositories that were harvested: asked again for a day, and for what they list.

Harvests are remembered as :class:`~coolpapers.papers.models.ImportRun`; its location names the repository.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from coolpapers.operating.models import AuditedDay
from coolpapers.papers.harvesting.audit import Entry, audit, list_repository
from coolpapers.papers.harvesting.fetching import ARXIV_INTERVAL_S, PoliteClient, Timing
from coolpapers.papers.harvesting.harvest import HarvestRequest, harvest
from coolpapers.papers.importing.upserting import UpsertReport
from coolpapers.papers.models import ImportRun

HARVEST_SOURCE = "oai"  # of ImportRun; other sources are files
MAX_NAMED = 200  # missing papers of a day that are stored by name
LATE_DAYS = 1  # a repository dates a record on the day of its announcement or the next one


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """Where papers are harvested, one set of them or all ("")."""

    base_url: str
    metadata_prefix: str
    set_spec: str

    @property
    def location(self) -> str:
        return f"{self.base_url} {self.set_spec}".strip()[:400]

    def request(self, first: date, last: date, *, metadata_prefix: str = "") -> HarvestRequest:
        return HarvestRequest(
            base_url=self.base_url,
            metadata_prefix=metadata_prefix or self.metadata_prefix,
            set_spec=self.set_spec,
            from_date=first.isoformat(),
            until_date=last.isoformat(),
        )


def polite_client() -> PoliteClient:
    timing = Timing(clock=time.monotonic, sleep=time.sleep, now=lambda: datetime.now(UTC))
    return PoliteClient(timing=timing, interval_s=ARXIV_INTERVAL_S)


def harvested_repositories() -> list[Repository]:
    """The repositories of all harvests so far, each once."""
    locations = ImportRun.objects.filter(source=HARVEST_SOURCE).values_list("location", flat=True)
    return sorted({repository for location in locations if (repository := _parse(location))})


def _parse(location: str) -> Repository | None:
    """From ``https://…/oai#arXiv/cs/2024-05-31/``; as a harvest names it. A set may contain slashes."""
    base_url, mark, rest = location.rpartition("#")
    parts = rest.split("/")
    if not mark or len(parts) < 4:
        return None
    return Repository(base_url, parts[0], "/".join(parts[1:-2]))


def harvest_again(repository: Repository, day: date, *, client: PoliteClient, now: datetime) -> UpsertReport:
    """Take what the repository dates on the day or the next one; raises as :func:`harvest` does."""
    request = repository.request(day, day + timedelta(days=LATE_DAYS))
    return harvest(request, client=client, now=now, restart=True)


def audit_days(
    repository: Repository, first: date, last: date, *, client: PoliteClient, now: datetime
) -> list[AuditedDay]:
    """Compare what the repository lists with the library, day by day, and store it; raises as :func:`harvest` does."""
    n_listed: dict[str, int] = defaultdict(int)

    def listing() -> Iterator[Entry]:
        for entry in list_repository(repository.request(first, last), client=client):
            n_listed[entry.day] += 1
            yield entry

    missing: dict[str, set[str]] = defaultdict(set)
    for (day, _category), row in audit(listing()).rows.items():
        missing[day].update(row.missing)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = [
        AuditedDay(
            location=repository.location,
            day=day,
            n_listed=n_listed[day.isoformat()],
            n_missing=len(missing[day.isoformat()]),
            missing=sorted(missing[day.isoformat()])[:MAX_NAMED],
            checked_at=now,
        )
        for day in days
    ]
    with transaction.atomic():
        AuditedDay.objects.filter(location=repository.location, day__range=(first, last)).delete()
        AuditedDay.objects.bulk_create(rows)
    return rows
