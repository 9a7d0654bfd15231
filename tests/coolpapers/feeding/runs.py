"""Sources that are harvested from servers of this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from coolpapers.feeding.models import FeedSource
from coolpapers.feeding.scheduling import Outcome, claim, run_source
from tests.local_servers import Exchange

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def make_source(kind: str, **fields: Any) -> FeedSource:
    return FeedSource.objects.create(**{"name": f"the {kind}", "kind": kind, "interval_s": 0.0, **fields})


def run(source: FeedSource, *, now: datetime = NOW, **options: Any) -> Outcome:
    """One run of the source, which must be free."""
    assert claim(source, timezone.now())
    return run_source(source, now=lambda: now, **options)


def body(text: str | bytes, status: int = 200, **headers: str) -> Any:
    """A server's behaviour: this answer."""

    def answer(exchange: Exchange) -> None:
        exchange.answer(status, text if isinstance(text, bytes) else text.encode(), **headers)

    return answer
