from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from coolpapers.papers.harvesting.mirroring import Mirror
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import MirroredRecord, Paper
from coolpapers.papers.records.record import Deletion, Record
from coolpapers.papers.sources.site_records import Origin
from tests.coolpapers.papers.make import record, write_jsonl
from tests.own_library import Library, free_port, make_database

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
VIA = "https://other.example.net/oai"
OTHER = Origin("other.example.net", "", NOON)


@pytest.fixture(autouse=True)
def this_library(settings: Any) -> None:
    settings.SITE_URL = "https://this.example.org"


def take(items: list[Record | Deletion], origins: Mapping[str, Origin]) -> list[str]:
    """Write what the mirror takes of a page; the keys of these items."""
    mirror = Mirror.of(items, origins, via=VIA)
    upsert_records(mirror.items)
    mirror.save_origins()
    return [item.key for item in mirror.items if isinstance(item, Record | Deletion)]


@pytest.mark.django_db
def test_a_record_follows_its_origin_by_its_date_there() -> None:
    first, second, third = (record(key="own:1", title=f"Title number {number} of a paper") for number in (1, 2, 3))
    assert take([first], {"own:1": OTHER}) == ["own:1"]
    assert take([second], {"own:1": OTHER}) == []  # no later than what is here
    later = Origin(OTHER.repository, "", NOON + timedelta(seconds=1))
    assert take([third], {"own:1": later}) == ["own:1"]
    assert Paper.objects.get().title == third.title
    assert MirroredRecord.objects.get().stamp == later.stamp


@pytest.mark.django_db
def test_a_record_that_is_here_already_is_only_completed() -> None:
    upsert_records([record(key="own:1", title="The title as it is here", comment="ours", updated="2026-01-01")])
    other = record(key="own:1", title="Another title", abstract="New.", comment="theirs", updated="2026-01-01")
    assert take([other], {"own:1": OTHER}) == ["own:1"]
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.comment) == ("The title as it is here", "New.", "ours")
    assert take([other], {"own:1": OTHER}) == []
    later = record(key="own:1", title="A later title", updated="2026-02-01")
    assert take([later], {"own:1": OTHER}) == ["own:1"]
    assert Paper.objects.get().title == "A later title"
    assert not MirroredRecord.objects.exists()


@pytest.mark.django_db
def test_what_this_library_deleted_does_not_come_back_from_those_it_gave_it_to() -> None:
    assert take([record(key="own:1")], {"own:1": Origin("this.example.org", "", NOON)}) == []


@pytest.mark.django_db
def test_a_key_without_a_colon_is_deleted_with_its_record() -> None:
    """Where the other site deleted it, only the OAI identifier tells the key."""
    take([record(key="report-7", title="A report of the other site")], {"report-7": OTHER})
    assert take([Deletion("oai:other.example.net:report-7", 1)], {}) == ["report-7"]


@pytest.mark.django_db
def test_only_records_that_came_from_a_site_are_deleted_with_it() -> None:
    upsert_records([record(key="own:1")])
    take([record(key="own:2")], {"own:2": OTHER})
    assert take([Deletion("own:1"), Deletion("own:2"), Deletion("own:3")], {}) == ["own:2"]
    assert {paper.key: paper.withdrawn for paper in Paper.objects.all()} == {"own:1": False, "own:2": True}


class Site:
    """A library that is served on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.library = Library(
            folder, COOLPAPERS_API_RATE="0", COOLPAPERS_SITE_URL=self.url, COOLPAPERS_RANKING_MODE="bm25"
        )
        make_database(folder)

    def bring(self, *rows: dict[str, Any]) -> None:
        self.library.done("import_papers", str(write_jsonl(self.library.folder / "papers.jsonl", rows)))

    def mirror(self, other: Site) -> str:
        options = ("--prefix", "coolpapers", "--interval", "0")
        return self.library.done("harvest_papers", "--base-url", f"{other.url}/oai", *options)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self.library.folder / "db.sqlite3", timeout=30)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    @property
    def papers(self) -> dict[str, tuple[Any, ...]]:
        columns = "key, title, abstract, comment, authors, categories, doi, updated, withdrawn, content_hash"
        return {row[0]: row for row in self.query(f"SELECT {columns} FROM papers_paper ORDER BY key")}

    @property
    def revision(self) -> int:
        return int(self.query("SELECT value FROM papers_sequence WHERE name = 'revision'")[0][0])

    @contextmanager
    def served(self) -> Iterator[None]:
        process = self.library.manage("serve", "--bind", f"127.0.0.1:{self.port}")
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    with urlopen(f"{self.url}/healthz", timeout=5):
                        break
                except (URLError, ConnectionError):
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=40)


def _rows(first: int, last: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"arxiv:2603.{number:05d}",
            "title": f"Paper {number} on the mirrors of libraries",
            "authors": [f"Ada Number{number}", "Bo Sample"],
            "abstract": f"About $x_{{{number}}} < y$ & more.",
            "categories": ["cs.DL", "cs.IR"],
            "date": "2026-03-01",
            "versions": [{"number": 1, "date": "2026-03-01"}],
        }
        for number in range(first, last)
    ]


@pytest.mark.servers
def test_two_sites_mirror_each_other_without_loss_or_loops(tmp_path: Path) -> None:
    one, two = Site(tmp_path / "one"), Site(tmp_path / "two")
    printed = {"id": "acl:2026.acl-long.7", "title": "Paper 7 on the mirrors of libraries", "venue": "ACL 2026"}
    one.bring(*_rows(1, 400), {**printed, "authors": ["Ada Number7", "Bo Sample"], "year": 2026})
    shared = {"id": "own:shared", "authors": ["Cy Third"], "year": 2025}
    one.bring({**shared, "title": "A shared paper as one has it", "comment": "kept by one"})
    two.bring(*_rows(390, 450), {**shared, "title": "A shared paper as two has it", "abstract": "Kept by two."})
    with ExitStack() as stack:
        stack.enter_context(one.served())
        stack.enter_context(two.served())
        assert "0 refused" in two.mirror(one)
        one.mirror(two)
        two.mirror(one)
        alike = {key for key, row in one.papers.items() if two.papers.get(key) == row}
        assert set(one.papers) == set(two.papers)
        assert len(one.papers) == 450
        assert set(one.papers) - alike == {"own:shared"}  # each keeps its own title
        assert [site.papers["own:shared"][2:4] for site in (one, two)] == [("Kept by two.", "kept by one")] * 2
        # Nothing goes round: more harvests change nothing.
        settled = (one.papers, two.papers, one.revision, two.revision)
        one.mirror(two)
        two.mirror(one)
        assert (one.papers, two.papers, one.revision, two.revision) == settled
        # Changes and deletions go one way, from where a paper is from.
        time.sleep(1.1)  # datestamps are seconds
        changed = {**_rows(5, 6)[0], "comment": "now with a comment"}
        one.bring(changed, *_rows(460, 470))
        one.library.done(
            "shell",
            "-c",
            "from coolpapers.papers.models import Paper; Paper.objects.get(key='arxiv:2603.00009').delete()",
        )
        two.mirror(one)
        one.mirror(two)
    assert two.papers["arxiv:2603.00005"][3] == one.papers["arxiv:2603.00005"][3] == "now with a comment"
    assert len(two.papers) == 460
    assert two.papers["arxiv:2603.00009"][8] == 1  # withdrawn; nothing is removed
    assert "arxiv:2603.00009" not in one.papers
    sources = "SELECT paper_id FROM papers_papersource WHERE key = '{}'"
    both = [two.query(sources.format(key)) for key in ("arxiv:2603.00007", "acl:2026.acl-long.7")]
    assert both[0] == both[1]
