"""Papers that readers ask for: who may ask, the queue, and the worker that fetches them.

A request is a row of :class:`~coolpapers.feeding.models.PaperRequest`; a worker takes the one that waits longest by a
conditional update, and another one takes it when the worker was killed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from coolpapers.feeding.errors import FeedingError, TooManyRequests
from coolpapers.feeding.models import PaperRequest
from coolpapers.feeding.ondemand.registries import fetch_paper
from coolpapers.papers.errors import PapersError, SourceMissing
from coolpapers.papers.harvesting.fetching import ARXIV_INTERVAL_S, PoliteClient, Timing
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.lookup.selectors import find_paper
from search.vocabulary.identifier_forms import SOURCE_BY_LABEL, Identifier
from search.vocabulary.identifiers import parse_identifier

logger = logging.getLogger(__name__)

QUEUE_MAX = 200
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)  # done and failed requests
N_TRIES = 2  # of a request of ours; the reader waits, and can ask again
INTERVAL_S = ARXIV_INTERVAL_S
MISSING = gettext_noop("The registry has no paper with this identifier.")
UNAVAILABLE = gettext_noop("The registry did not answer; try again later.")
_Status = PaperRequest.Status


def may_get(request: HttpRequest) -> bool:
    """Whether this reader may have papers fetched."""
    if settings.GET_PAPERS == "everyone":
        return True
    return settings.GET_PAPERS == "accounts" and request.user.is_authenticated


def read_name(text: str) -> Identifier | None:
    """The identifier that a reader pasted, or an address of this site names: ``<id>@<source>``."""
    ident, _at, label = text.strip().rpartition("@")
    source = SOURCE_BY_LABEL.get(label.lower()) if ident else None
    if source is not None and source != "file":
        return parse_identifier(f"{source}:{ident}") or Identifier(source, ident)
    return parse_identifier(text)


def find_request(identifier: Identifier) -> PaperRequest | None:
    return PaperRequest.objects.filter(pk=identifier.key).first()


def request_paper(identifier: Identifier, *, now: datetime) -> PaperRequest:
    """Put an identifier into the queue, also again after a failure. Idempotent. Raises TooManyRequests."""
    known = find_request(identifier)
    if known is not None and known.is_open:
        return known
    PaperRequest.objects.filter(requested_at__lt=now - KEPT).delete()
    if PaperRequest.objects.filter(status__in=[_Status.QUEUED, _Status.RUNNING]).count() >= QUEUE_MAX:
        raise TooManyRequests("Too many papers are waiting to be fetched.")
    fresh: dict[str, object] = {
        "source": identifier.source,
        "value": identifier.value,
        "status": _Status.QUEUED,
        "error": "",
    }
    fresh |= {"requested_at": now, "heartbeat": None}
    return PaperRequest.objects.update_or_create(pk=identifier.key, defaults=fresh)[0]


def get_next(*, now: Callable[[], datetime]) -> PaperRequest | None:
    """Fetch the paper that waits longest; None if none waits. A failure is stored with its reason for the reader."""
    waiting = _claim(now())
    if waiting is None:
        return None
    error = _get(Identifier(waiting.source, waiting.value), now=now())
    waiting.status, waiting.error = (_Status.FAILED if error else _Status.DONE), error
    waiting.save(update_fields=["status", "error"])
    return waiting


def _get(identifier: Identifier, *, now: datetime) -> str:
    """Fetch and store the paper; return what went wrong, for the reader."""
    if find_paper(identifier) is not None:  # it came by another way meanwhile
        return ""
    timing = Timing(clock=time.monotonic, sleep=time.sleep, now=lambda: datetime.now(UTC))
    try:
        with PoliteClient(timing=timing, interval_s=INTERVAL_S, n_tries=N_TRIES) as client:
            upsert_records(fetch_paper(identifier, client=client), location=identifier.key, now=now)
    except SourceMissing:
        return MISSING
    except (FeedingError, PapersError, OSError) as exc:
        logger.warning("%s cannot be fetched: %s", identifier.key, exc)
        return UNAVAILABLE
    except Exception:  # process edge: the reader is told, and the queue goes on
        logger.exception("%s cannot be fetched", identifier.key)
        return UNAVAILABLE
    return "" if find_paper(identifier) is not None else MISSING


def _claim(now: datetime) -> PaperRequest | None:
    free = Q(status=_Status.QUEUED) | Q(status=_Status.RUNNING, heartbeat__lt=now - LEASE)
    while (waiting := PaperRequest.objects.filter(free).order_by("requested_at").first()) is not None:
        unchanged = PaperRequest.objects.filter(pk=waiting.pk, status=waiting.status, heartbeat=waiting.heartbeat)
        if unchanged.update(status=_Status.RUNNING, heartbeat=now):
            return waiting
    return None


def words_of(error: str) -> str:
    """A stored reason in the reader's language."""
    return _(error) if error else ""
