"""Backups put back beside newer followers, and databases swapped: real files, and the commands of an administrator."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from coolpapers.finding.tasks import follow_library
from coolpapers.management.diagnosis import check_index, check_vectors
from coolpapers.papers.lookup.cached_counts import clear as clear_cached_counts
from coolpapers.papers.models import latest_revision

pytestmark = pytest.mark.django_db(transaction=True)


class Site:
    """The test database with an index and vectors beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take_in(self, *titles: str) -> None:
        rows = [{"id": f"arxiv:{_number(title)}", "title": title, "year": 2026} for title in titles]
        path = self.folder / "papers.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        self.run("import_papers", str(path))

    def run(self, *command: str) -> str:
        out = io.StringIO()
        call_command(*command, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    def follow(self) -> None:
        self.run("update_index")
        self.run("embed_papers")

    def save(self, name: str) -> None:
        """Copy the database, as a backup does."""
        connection.close()
        _copy(Path(str(connection.settings_dict["NAME"])), self.folder / name)

    def restore(self, name: str) -> None:
        """Put a copy of a database in the place of the present one."""
        connection.close()
        _copy(self.folder / name, Path(str(connection.settings_dict["NAME"])))
        clear_cached_counts()

    def titles(self, query: str, mode: str) -> set[str]:
        answer = json.loads(self.run("search_papers", query, "--json", "--mode", mode, "--top", "50"))
        assert all(hit["title"] for hit in answer["hits"]), f"a paper that is not in the library: {answer}"
        return {hit["title"] for hit in answer["hits"]}

    def obey_doctor(self) -> None:
        """Run the commands that doctor names for index and vectors."""
        for finding in (check_index(), check_vectors()):
            assert finding.state != "ok", asdict(finding)
            self.run(*finding.cure.removeprefix("manage.py ").split())

    def assert_whole(self, *titles: str) -> None:
        """Each of these papers is found by words and by meaning, and nothing else is."""
        for query, synonym in (("car", "automobile"), ("tree", "forest"), ("ocean", "water"), ("feline", "cat")):
            expected = {title for title in titles if query in title}
            assert self.titles(query, "bm25") == expected
            assert self.titles(synonym, "dense") == expected
        assert [check_index().state, check_vectors().state] == ["ok", "ok"]
        self.run("check_index")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _number(title: str) -> str:
    digits = sum(ord(character) * 31**place for place, character in enumerate(title)) % 100_000
    return f"2601.{digits:05}"


@pytest.fixture
def site(settings: Any, tmp_path: Path, own_index: Path) -> Site:
    if connection.vendor != "sqlite":
        pytest.skip("copies the file of an SQLite database")
    settings.SEARCH_MODE = "bm25"
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    return Site(tmp_path)


def restore_under(site: Site, later: Sequence[str]) -> None:
    """Leave followers of a library that an older backup and other papers have taken the place of."""
    site.take_in("One car")
    site.follow()
    site.save("backup")
    site.take_in("Lost tree", "Lost ocean")
    site.follow()
    site.restore("backup")
    site.take_in(*later)


@pytest.mark.parametrize("n_later", [1, 2, 3])
def test_papers_imported_after_a_restore_are_found_and_lost_ones_are_not(site: Site, n_later: int) -> None:
    """With one, two and three papers the library is behind, at and ahead of the revision of its followers."""
    later = ["New tree", "New feline", "New ocean"][:n_later]
    restore_under(site, later)
    site.obey_doctor()
    site.assert_whole("One car", *later)


def test_the_database_of_another_library_is_recognised(site: Site) -> None:
    site.save("empty")
    site.take_in("Other car", "Other ocean")
    revision = latest_revision()
    site.save("other")
    site.restore("empty")
    site.take_in("One car", "Two tree")
    site.follow()
    assert latest_revision() == revision
    site.restore("other")
    site.obey_doctor()
    site.assert_whole("Other car", "Other ocean")


def test_the_periodic_task_recognises_a_restore(site: Site) -> None:
    restore_under(site, ["New ocean", "New tree"])
    follow_library()
    site.assert_whole("One car", "New ocean", "New tree")


def test_the_start_of_the_site_recognises_a_restore(site: Site, settings: Any) -> None:
    settings.STATICFILES_DIRS = []  # collecting them is not what is tested
    restore_under(site, ["New ocean"])
    site.run("prepare_site")
    site.assert_whole("One car", "New ocean")


def test_an_emptied_library_loses_its_ghosts(site: Site) -> None:
    site.save("empty")
    site.take_in("One car")
    site.follow()
    site.restore("empty")
    site.follow()
    assert site.titles("car", "bm25") == site.titles("automobile", "dense") == set()


def test_older_followers_beside_a_newer_database_catch_up(site: Site) -> None:
    site.take_in("One car")
    site.follow()
    for part in ("index", "vectors"):
        shutil.copytree(site.folder / part, site.folder / f"{part}-backup")
    site.take_in("New tree", "New ocean")
    site.follow()
    for part in ("index", "vectors"):
        shutil.rmtree(site.folder / part)
        (site.folder / f"{part}-backup").rename(site.folder / part)
    site.obey_doctor()
    site.assert_whole("One car", "New tree", "New ocean")
