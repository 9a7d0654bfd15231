"""bioRxiv and medRxiv by their API, whose answers :mod:`coolpapers.papers.sources.biorxiv` reads."""

from __future__ import annotations

import io
from datetime import date, timedelta

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.base import Harvest
from coolpapers.papers.errors import SourceUnavailable
from coolpapers.papers.sources.biorxiv import BiorxivSource, read_listing

API_URL = "https://api.biorxiv.org/details"
SERVERS = ("biorxiv", "medrxiv")
_WINDOW_DAYS = 7  # a killed harvest begins its week again
_OVERLAP_DAYS = 2  # postings appear late
_MAX_PAGES = 2000


def harvest_preprints(run: Harvest) -> None:
    """Postings from the last day that was read whole until today; ``selection`` names the servers."""
    for server in run.selected or SERVERS[:1]:
        if server not in SERVERS:
            raise SourceMisconfigured(f"{server} is no server of the API; select biorxiv or medrxiv.")
        read = run.cursor.get(server)
        first = date.fromisoformat(read) - timedelta(days=_OVERLAP_DAYS) if read else run.first_day
        while first <= run.now.date():
            if run.should_stop():
                run.is_complete = False
                return
            last = min(first + timedelta(days=_WINDOW_DAYS - 1), run.now.date())
            _harvest_days(run, server, first, last)
            run.cursor[server] = last.isoformat()
            run.save_cursor()
            first = last + timedelta(days=1)


def _harvest_days(run: Harvest, server: str, first: date, last: date) -> None:
    address = (run.source.address or API_URL).rstrip("/")
    n_read = 0
    for _page in range(_MAX_PAGES):
        url = f"{address}/{server}/{first}/{last}/{n_read}/json"
        data = run.client.get(url, {}, accept=_unusable)
        listing = read_listing(data)
        run.write(BiorxivSource().read(io.BytesIO(data), name=url), location=url)
        n_read += listing.n_records
        run.save_cursor()
        if not listing.n_records or n_read >= listing.n_total:
            return
    raise SourceUnavailable(f"{address}/{server} lists {first} to {last} on more than {_MAX_PAGES} pages.")


def _unusable(data: bytes) -> str:
    try:
        read_listing(data)
    except ValueError as exc:
        return str(exc)
    return ""
