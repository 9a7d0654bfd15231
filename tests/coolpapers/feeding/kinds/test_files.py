from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.files import watched_folder
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import body, make_source, run
from tests.coolpapers.papers.make import DATA
from tests.local_servers import Exchange, serve

pytestmark = pytest.mark.django_db
XML = sorted((DATA / "acl_xml").glob("*.xml"))[0].read_bytes()


def anthology(exchange: Exchange) -> None:
    """One file with an ETag; others are not there yet."""
    if not exchange.path.endswith("/2026.acl.xml"):
        exchange.answer(404)
    elif exchange.headers.get("If-None-Match") == '"v1"':
        exchange.answer(304)
    else:
        exchange.answer(200, XML, ETag='"v1"')


def test_a_file_of_the_anthology_is_fetched_once_until_it_changes() -> None:
    with serve(anthology) as server:
        source = make_source("acl", address=server.url, selection="acl")
        outcome = run(source)
        assert (outcome.is_complete, outcome.error) == (True, "")
        n_papers = Paper.objects.count()
        assert n_papers > 0
        run(source)
        source.refresh_from_db()
        assert (source.n_added, source.n_changed, source.cursor) == (0, 0, {"tags": {"2026.acl": '"v1"'}})
        assert [asked.path for asked in server.asked] == ["/2025.acl.xml", "/2026.acl.xml"] * 2
    assert Paper.objects.count() == n_papers


def test_the_agent_says_who_asks(settings: Any) -> None:
    settings.SITE_URL, settings.CONTACT = "https://papers.example.org", "Library <library@example.org>"
    with serve(body(XML)) as server:
        run(make_source("acl", address=server.url, selection="2026.acl"))
        assert server.asked[0].headers["User-Agent"] == (
            "coolpapers (+https://papers.example.org; mailto:library@example.org)"
        )


def _drop(folder: Path, name: str, text: str, *, age_s: float = 3600.0) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    moment = time.time() - age_s
    os.utime(folder / name, (moment, moment))


def test_a_folder_is_watched_for_new_and_changed_files(tmp_path: Path, settings: Any) -> None:
    settings.WATCH_DIR = tmp_path
    row = {"id": "own:1", "title": "A paper that was dropped", "authors": ["Ada Example"]}
    _drop(tmp_path, "a.jsonl", json.dumps(row))
    _drop(tmp_path, "b.bib", "@article{k, title={Another paper that was dropped}, author={Sample, Bo}, year=2024}")
    _drop(tmp_path, "c.xyz", "no format at all")
    _drop(tmp_path, "copying.jsonl", json.dumps({**row, "id": "own:2"}), age_s=1.0)
    source = make_source("folder")
    run(source)
    source.refresh_from_db()
    assert (source.n_added, source.n_refused, len(source.refusals)) == (2, 1, 1)
    assert "c.xyz" in source.refusals[0]
    run(source)
    source.refresh_from_db()
    assert (source.n_added, source.n_changed, source.n_refused) == (0, 0, 0)
    _drop(tmp_path, "a.jsonl", json.dumps({**row, "comment": "changed"}), age_s=1800.0)
    run(source)
    source.refresh_from_db()
    assert (source.n_added, source.n_changed) == (0, 1)


@pytest.mark.parametrize("name", ["/etc", "..", "a/../../b"])
def test_a_folder_outside_is_not_watched(tmp_path: Path, settings: Any, name: str) -> None:
    settings.WATCH_DIR = tmp_path / "incoming"
    with pytest.raises(SourceMisconfigured, match="COOLPAPERS_WATCH_DIR"):
        watched_folder(name)


def test_a_source_without_events_says_what_it_needs() -> None:
    assert "acl or emnlp" in run(make_source("acl")).error
