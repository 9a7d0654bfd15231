"""``manage.py write_summaries``: write the queued summaries in this process, without a worker."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coolpapers.papers.lookup.selectors import find_paper, papers_by_keys
from coolpapers.papers.models import Paper
from coolpapers.reading.errors import QueueFull
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.services import request_summary, work_once
from coolpapers.reading.summarizers.languages import summary_language
from search.vocabulary.identifiers import parse_identifier


class Command(BaseCommand):
    help = "Write the queued summaries, and before them those of the given papers; needs no running worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "papers", nargs="*", metavar="ID", help="request summaries of these papers first (any identifier or key)"
        )
        parser.add_argument("--language", default="en", metavar="CODE", help="language of the requested summaries")
        parser.add_argument("--again", action="store_true", help="also papers that have a summary in this language")
        parser.add_argument("--limit", type=int, metavar="N", help="stop after N summaries")

    def handle(self, *args: Any, **options: Any) -> None:
        self._request(options["papers"], options["language"], again=options["again"])
        with _interruptible():
            n_done, n_failed = self._work(options["limit"], verbose=options["verbosity"] > 1)
        self.stdout.write(f"{n_done:,} written, {n_failed:,} failed")
        if n_failed:
            raise CommandError(f"{n_failed:,} summaries failed; readers see the reason and can retry.", returncode=1)

    def _work(self, limit: int | None, *, verbose: bool) -> tuple[int, int]:
        claim = f"command-{os.getpid()}-{secrets.token_hex(4)}"
        n_done = n_failed = 0
        while limit is None or n_done + n_failed < limit:
            summary = work_once(claim=claim)
            if summary is None:
                break
            summary.refresh_from_db()
            if summary.status == Summary.Status.FAILED:
                n_failed += 1
                self.stderr.write(f"{summary.paper.key} ({summary.language}): {summary.error}")
            else:
                n_done += 1
                if verbose:
                    self.stdout.write(f"{summary.paper.key} ({summary.language})")
        return n_done, n_failed

    def _request(self, names: list[str], language: str, *, again: bool) -> None:
        try:
            code = summary_language(language)
        except ValueError as exc:
            raise CommandError(str(exc)) from exc
        for paper in [_find(name) for name in names]:
            try:
                request_summary(paper, language=code, now=timezone.now(), again=again)
            except (LookupError, QueueFull) as exc:
                raise CommandError(f"{exc}.") from exc


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the command like Ctrl+C, so that the unfinished summary returns to the queue."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    previous_handler = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous_handler)


def _find(name: str) -> Paper:
    identifier = parse_identifier(name)
    paper = papers_by_keys([name]).get(name) or (find_paper(identifier) if identifier else None)
    if paper is None:
        raise CommandError(f"The library has no paper {name!r}.")
    return paper
