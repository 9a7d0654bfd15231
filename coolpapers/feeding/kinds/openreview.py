"""OpenReview's notes by its API (https://docs.openreview.net, ``GET /notes``), venue by venue."""

from __future__ import annotations

import io

import orjson

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.base import Harvest
from coolpapers.papers.errors import SourceUnavailable
from coolpapers.papers.sources.conference_json import ConferenceJsonSource

API_URL = "https://api2.openreview.net/notes"
PAGE_SIZE = 1000  # the API gives no more at once
_MAX_PAGES = 100


def harvest_venues(run: Harvest) -> None:
    """All notes of the selected venues; what did not change is passed over when it is written."""
    if not run.selected:
        raise SourceMisconfigured("Select venues by their ids, such as ICLR.cc/2026/Conference.")
    for venue in run.selected:
        for page in range(_MAX_PAGES):
            if run.should_stop():
                run.is_complete = False
                return
            if not _harvest_page(run, venue, page * PAGE_SIZE):
                break
            run.save_cursor()


def _harvest_page(run: Harvest, venue: str, offset: int) -> bool:
    """Whether the list goes on."""
    params = {"content.venueid": venue, "limit": str(PAGE_SIZE), "offset": str(offset)}
    data = run.client.get(run.source.address or API_URL, params, accept=_unusable)
    run.write(ConferenceJsonSource().read(io.BytesIO(data), name=venue), location=venue)
    n_notes = len(orjson.loads(data)["notes"])
    if not n_notes and not offset:
        raise SourceUnavailable(f"OpenReview has no notes of the venue {venue}; check its id.")
    return n_notes == PAGE_SIZE


def _unusable(data: bytes) -> str:
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        return f"not JSON: {exc}"
    has_notes = isinstance(answer, dict) and isinstance(answer.get("notes"), list)
    return "" if has_notes else "not an answer of OpenReview: it has no notes"
