"""``manage.py backup`` as administrators run it: beside a site, stopped, killed, on PostgreSQL."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from coolpapers.operating.backups.archive import open_archive
from tests.coolpapers.operating.sites import make_large_library
from tests.own_library import Library
from tests.servers import make_postgres_database, postgres_server

N_PAPERS = 3_000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_large_library(tmp_path_factory.mktemp("library"), n_papers=N_PAPERS)


def n_papers(path: Path) -> int:
    with open_archive(path) as archive:
        archive.verify()
        return next(table.n_rows for table in archive.manifest.tables if table.model == "papers.paper")


def test_it_says_what_it_wrote_and_another_site_can_list_it(library: Library, tmp_path: Path) -> None:
    assert library.done("backup", str(tmp_path / "b.zip")).startswith(f"{tmp_path / 'b.zip'}: ")
    other = Library(tmp_path / "other")
    listed = other.done("restore", "--list", str(tmp_path / "b.zip"))
    assert f"{N_PAPERS:,} papers.paper" in listed
    assert not (tmp_path / "other" / "db.sqlite3").exists()


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_a_whole_backup_or_the_older_one(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    library.done("backup", str(path))
    older = path.read_bytes()
    rng = random.Random(20261130)
    n_killed_while_writing = 0
    for _ in range(5):
        process = library.manage("backup", str(path))
        while process.poll() is None and not list(tmp_path.glob(".b.zip.*")):
            time.sleep(0.005)
        time.sleep(rng.random() * 0.4)
        n_killed_while_writing += bool(list(tmp_path.glob(".b.zip.*")))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert path.read_bytes() == older or n_papers(path) == N_PAPERS
        older = path.read_bytes()
    assert n_killed_while_writing
    library.done("backup", str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.zip"]


@pytest.mark.slow
def test_sigterm_ends_it_without_leaving_anything(library: Library, tmp_path: Path) -> None:
    process = library.manage("backup", str(tmp_path / "b.zip"))
    while process.poll() is None and not list(tmp_path.glob(".b.zip.*")):
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 143 or (tmp_path / "b.zip").exists()
    assert process.returncode == 0 or "Stopped; no backup was written." in err
    assert not list(tmp_path.glob(".*"))


def test_an_import_goes_on_meanwhile(library: Library, tmp_path: Path) -> None:
    record = {"id": "arxiv:2602.00001", "title": "A later paper", "abstract": "Later."}
    (tmp_path / "later.jsonl").write_text(json.dumps(record), encoding="utf-8")
    backing_up = library.manage("backup", str(tmp_path / "b.zip"))
    importing = library.manage("import_papers", str(tmp_path / "later.jsonl"))
    assert (importing.wait(120), backing_up.wait(120)) == (0, 0)
    importing.communicate(), backing_up.communicate()
    assert n_papers(tmp_path / "b.zip") in (N_PAPERS, N_PAPERS + 1)
    library.execute("DELETE FROM papers_papersource WHERE key = 'arxiv:2602.00001'")
    library.execute("DELETE FROM papers_papercategory WHERE paper_id = (SELECT max(id) FROM papers_paper)")
    library.execute("DELETE FROM papers_paper WHERE key = 'arxiv:2602.00001'")


@pytest.mark.slow
@pytest.mark.servers
def test_from_sqlite_to_postgresql_and_back(library: Library, tmp_path: Path) -> None:
    library.done("backup", str(tmp_path / "sqlite.zip"))
    with postgres_server() as server:
        settings = make_postgres_database(server, "site")
        large = Library(tmp_path / "large", **settings)
        large.done("restore", str(tmp_path / "sqlite.zip"))
        assert f"{N_PAPERS} papers" in search(large)
        assert _import_one(large, tmp_path) == 1  # numbers of new rows are above those of the backup
        large.done("backup", str(tmp_path / "postgres.zip"))
        again = large.manage("restore", str(tmp_path / "postgres.zip"))
        assert "holds this backup already" in again.communicate(timeout=120)[0]
    small = Library(tmp_path / "small")
    small.done("restore", str(tmp_path / "postgres.zip"))
    assert f"{N_PAPERS + 1} papers" in search(small)
    assert _papers(small.folder)[:-1] == _papers(library.folder)


def search(library: Library) -> str:
    found = json.loads(library.done("search_papers", "parsers OR later", "--mode", "bm25", "--json"))
    return f"{found['total']} papers"


def _import_one(library: Library, folder: Path) -> int:
    record = {"id": "arxiv:2602.00002", "title": "A later paper", "abstract": "Later."}
    (folder / "one.jsonl").write_text(json.dumps(record), encoding="utf-8")
    library.done("import_papers", str(folder / "one.jsonl"))
    library.done("update_index")
    return 1


def _papers(folder: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(folder / "db.sqlite3")
    columns = "id, key, title, abstract, year, revision, created_at, modified_at, content_hash, withdrawn"
    try:
        return database.execute(f"SELECT {columns} FROM papers_paper ORDER BY id").fetchall()
    finally:
        database.close()
