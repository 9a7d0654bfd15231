"""``manage.py restore`` as administrators run it: killed, into PostgreSQL, into a site that is not empty."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.coolpapers.operating.sites import files_of, make_large_library, rows_of
from tests.own_library import Library, make_database
from tests.servers import make_postgres_database, postgres_server

N_PAPERS = 2_000


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a library with papers, a PDF and an index."""
    folder = tmp_path_factory.mktemp("library")
    library = make_large_library(folder, n_papers=N_PAPERS)
    library.done("update_index")
    for number in range(20):
        pdf = folder / "files" / "own" / f"{number:02}" / f"pdf-{number}.pdf"
        pdf.parent.mkdir(parents=True)
        pdf.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 50)
    path = tmp_path_factory.mktemp("backup") / "b.zip"
    library.done("backup", str(path))
    (path.parent / "rows.json").write_text(json.dumps(rows_of(folder / "db.sqlite3")), encoding="utf-8")
    return path


def expected_rows(backup: Path) -> dict[str, str]:
    return dict(json.loads((backup.parent / "rows.json").read_text(encoding="utf-8")))


def is_empty(folder: Path) -> bool:
    if not (folder / "db.sqlite3").exists():
        return True
    database = sqlite3.connect(folder / "db.sqlite3")
    try:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        return "papers_paper" not in tables or database.execute("SELECT count(*) FROM papers_paper").fetchone() == (0,)
    finally:
        database.close()


def is_whole(folder: Path, backup: Path) -> bool:
    return rows_of(folder / "db.sqlite3") == expected_rows(backup) and len(files_of(folder / "files")) == 20


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "while files are unpacked": lambda folder: (folder / ".restoring").exists(),
    "while rows are written": lambda folder: (
        (folder / ".restoring" / "index").exists()
        and (folder / "db.sqlite3-wal").exists()
        and (folder / "db.sqlite3-wal").stat().st_size > 100_000
    ),
    "while files are moved": lambda folder: (folder / "files").exists(),
    "when the index is in place": lambda folder: (folder / "index").exists(),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment_it_leaves_an_empty_site_or_the_whole_one(backup: Path, tmp_path: Path, moment: str) -> None:
    library = Library(tmp_path / "site")
    process = library.manage("restore", str(backup))
    while process.poll() is None and not MOMENTS[moment](library.folder):
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert is_empty(library.folder) or is_whole(library.folder, backup)
    library.done("restore", str(backup))
    assert is_whole(library.folder, backup)
    assert not (library.folder / ".restoring").exists()


@pytest.mark.slow
def test_killed_at_random_moments_it_can_be_repeated(backup: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "site")
    rng = random.Random(20261130)
    for _ in range(4):
        process = library.manage("restore", str(backup))
        while process.poll() is None and not (library.folder / ".restoring").exists():
            time.sleep(0.001)
        time.sleep(rng.random())
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert is_empty(library.folder) or is_whole(library.folder, backup)
    library.done("restore", str(backup))
    assert is_whole(library.folder, backup)


def test_a_site_that_is_not_empty_is_refused_in_one_sentence(backup: Path, tmp_path: Path) -> None:
    library = Library(tmp_path)
    make_database(tmp_path)
    (tmp_path / "one.jsonl").write_text(json.dumps({"id": "a:1", "title": "Mine", "abstract": "Mine."}), "utf-8")
    library.done("import_papers", str(tmp_path / "one.jsonl"))
    process = library.manage("restore", str(backup))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "The site is not empty: it holds 1 papers" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "sentence"), [("none.zip", "There is no file"), ("text.zip", "is no backup of coolpapers")]
)
def test_a_file_that_is_no_backup_is_named(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "text.zip").write_text("text", encoding="utf-8")
    process = Library(tmp_path / "site").manage("restore", str(tmp_path / name))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert sentence in err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.servers
def test_killed_while_it_fills_postgresql_it_can_be_repeated(backup: Path, tmp_path: Path) -> None:
    import psycopg

    with postgres_server() as server:
        settings = make_postgres_database(server, "site")
        library = Library(tmp_path / "site", **settings)
        rng = random.Random(7)
        for _ in range(3):
            process = library.manage("restore", str(backup))
            while process.poll() is None and not (library.folder / ".restoring").exists():
                time.sleep(0.001)
            time.sleep(rng.random() * 1.5)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            with psycopg.connect(f"{server}/site") as connection:
                (has_papers,) = connection.execute("SELECT to_regclass('papers_paper') IS NOT NULL").fetchone() or (0,)
                n_papers = connection.execute("SELECT count(*) FROM papers_paper").fetchone() if has_papers else (0,)
            assert n_papers in ((0,), (N_PAPERS,))
        library.done("restore", str(backup))
        found = json.loads(library.done("search_papers", "parsers", "--mode", "bm25", "--json"))
        assert found["total"] == N_PAPERS
