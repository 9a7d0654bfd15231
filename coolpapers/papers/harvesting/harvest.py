"""Harvesting an OAI-PMH repository (arXiv, another library of this software) into the catalogue.

Each page is written before the next is asked for, and with it the resumption token, so a harvest that is killed goes on
with the page after the last one written. A finished harvest remembers the repository's date at its beginning; the next
one asks for what changed since then.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from coolpapers.papers.errors import HarvestError, SourceFormatError, SourceUnavailable
from coolpapers.papers.harvesting.fetching import PoliteClient, Stopped
from coolpapers.papers.harvesting.mirroring import Mirror
from coolpapers.papers.harvesting.oai_pages import OaiPage, malformed, parse_page, salvage_page
from coolpapers.papers.importing.problems import ProblemLog
from coolpapers.papers.importing.services import ImportHooks
from coolpapers.papers.importing.upserting import Upserter, UpsertReport
from coolpapers.papers.models import ImportRun
from coolpapers.papers.names.repository import repository_id
from coolpapers.papers.records.record import Item, Record, Refusal
from coolpapers.papers.sources.site_records import PREFIX

logger = logging.getLogger(__name__)

ARXIV_OAI_URL = "https://oaipmh.arxiv.org/oai"
_SOURCE = "oai"
_PAGE_SIZE = 100_000  # records a transaction: a page is one; no server sends larger ones


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestRequest:
    """What to ask for. Dates are ``2024-05-31``, inclusive; without ``from_date``, what changed since the last time."""

    base_url: str = ARXIV_OAI_URL
    metadata_prefix: str = "arXiv"
    set_spec: str = ""
    from_date: str = ""
    until_date: str = ""
    first_date: str = ""  # where a first harvest begins; later ones go on

    @property
    def location(self) -> str:
        parts = (self.metadata_prefix, self.set_spec, self.from_date, self.until_date)
        return f"{self.base_url}#{'/'.join(parts)}"[:500]

    @property
    def params(self) -> dict[str, str]:
        wanted = {
            "verb": "ListRecords",
            "metadataPrefix": self.metadata_prefix,
            "set": self.set_spec,
            "from": self.from_date,
            "until": self.until_date,
        }
        return {name: value for name, value in wanted.items() if value}


@dataclass(frozen=True, slots=True)
class _State:
    """What ImportRun.token remembers: the next page, and the repository's date when the harvest began."""

    token: str = ""
    began: str = ""

    @classmethod
    def of(cls, run: ImportRun) -> _State:
        return cls(**json.loads(run.token)) if run.token else cls()

    def dump(self) -> str:
        return json.dumps({"token": self.token, "began": self.began})


def harvest(
    request: HarvestRequest,
    *,
    client: PoliteClient,
    now: datetime,
    limit: int | None = None,
    dry_run: bool = False,
    restart: bool = False,
    hooks: ImportHooks | None = None,
) -> UpsertReport:
    """Harvest until the list ends, going on where an interrupted harvest of the same request stopped.

    ``limit`` ends it after the page in which so many records were reached; ``restart`` forgets an interrupted harvest.

    Raises
    ------
    SourceUnavailable
        If the server gives no usable answer; what was written stays, and the next call goes on.
    HarvestError
        If the server refuses the request.
    """
    hooks = hooks or ImportHooks()
    run, state, asked = _open_run(request, restart=restart, remember=not dry_run)
    log = ProblemLog(run)

    def note(refusal: Refusal) -> None:
        log.add(refusal, refused=True)
        hooks.refused(refusal)

    upserter = Upserter(location=request.base_url, now=now, dry_run=dry_run, batch_size=_PAGE_SIZE, refused=note)
    upserter.dropped = lambda refusal: log.add(refusal, refused=False)
    n_before = run.position if state.token else 0
    try:
        for page in _pages(asked, state.token, client):
            _write_page(page, upserter, request)
            state = _State(page.token, state.began or _began(page, request))
            report = upserter.report
            hooks.progressed(report, (n_before + report.position) / page.n_total if page.n_total else None)
            if not dry_run:
                _save_run(run, state, report, n_before)
                log.save()
            if hooks.should_stop() or (limit is not None and report.position >= limit):
                break
    except Stopped:
        logger.info("stopped while waiting for %s", request.base_url)
    return upserter.report


def _write_page(page: OaiPage, upserter: Upserter, request: HarvestRequest) -> None:
    """Write a page; a record that this library gave to the other one does not come back."""
    if request.metadata_prefix != PREFIX:
        own = repository_id()
        upserter.run(item for item in page.items if not _is_from(own, item, page))
        return
    mirror = Mirror.of(page.items, page.origins, via=request.base_url)
    upserter.committed = lambda _report: mirror.save_origins()
    upserter.run(mirror.items)


def _is_from(repository: str, item: Item, page: OaiPage) -> bool:
    origin = page.origins.get(item.key) if isinstance(item, Record) else None
    return origin is not None and origin.repository == repository


def _began(page: OaiPage, request: HarvestRequest) -> str:
    """From when on the next harvest asks: to the day, which each repository understands and which overlaps; to the
    second where the other library dates changes by when they could be seen."""
    return page.response_date if request.metadata_prefix == PREFIX else page.response_date[:10]


def _pages(request: HarvestRequest, token: str, client: PoliteClient) -> Iterator[OaiPage]:
    """Pages from the token on. A token that the server no longer knows begins the list again, once."""
    may_begin_again = True
    while True:
        params = {"verb": "ListRecords", "resumptionToken": token} if token else request.params
        try:
            page = _fetch_page(request.base_url, params, client)
        except HarvestError as exc:
            if exc.code != "badResumptionToken" or not token or not may_begin_again:
                raise
            logger.warning("%s no longer knows the resumption token; beginning its list again", request.base_url)
            may_begin_again, token = False, ""
            continue
        yield page
        if not page.token:
            return
        if page.token == token:
            raise SourceUnavailable(f"{request.base_url} gives the same resumption token again; its list has no end.")
        token = page.token


def _fetch_page(url: str, params: dict[str, str], client: PoliteClient) -> OaiPage:
    """Ask for a page; one that stays malformed is read record by record."""
    tries = _MalformedTries()
    data = client.get(url, params, accept=tries)
    try:
        return parse_page(data, name=url)
    except SourceFormatError:
        try:
            return salvage_page(data, name=url)
        except SourceFormatError as exc:
            raise SourceUnavailable(f"{url}: {exc}; run the command again later.") from exc


class _MalformedTries:
    """Lets a client ask again for malformed XML twice: a cut connection is mended so, a bad record is not."""

    def __init__(self) -> None:
        self._left = 2

    def __call__(self, data: bytes) -> str:
        reason = malformed(data)
        if not reason or not self._left:
            return ""
        self._left -= 1
        return reason


def _open_run(request: HarvestRequest, *, restart: bool, remember: bool) -> tuple[ImportRun, _State, HarvestRequest]:
    """The run of this request, what it remembers, and the request with the date to begin from."""
    run = ImportRun.objects.filter(source=_SOURCE, location=request.location).first()
    if run is None:
        run = ImportRun(source=_SOURCE, location=request.location)
        if remember:
            run.save()
    state = _State() if restart or run.finished else _State.of(run)
    if remember and not state.token:
        run.problems.all().delete()
    since = request.from_date or (run.fingerprint if not restart else "") or request.first_date
    return run, state, replace(request, from_date=since)


def _save_run(run: ImportRun, state: _State, report: UpsertReport, n_before: int) -> None:
    """The place reached; at the end of the list, the date that the next harvest begins from."""
    run.position = n_before + report.position
    run.n_added, run.n_changed = report.added, report.changed
    run.n_skipped, run.n_refused, run.n_dropped = report.skipped, report.refused, report.dropped
    run.finished = not state.token
    run.token = "" if run.finished else state.dump()
    if run.finished and state.began:
        run.fingerprint = state.began
    run.save()
