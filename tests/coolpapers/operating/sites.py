"""Sites for the tests of backups: a library with everything in it, and what they compare."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

from django.contrib.auth import get_user_model
from django.utils import timezone

from coolpapers.people.models import Item
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper
from tests.own_library import Library, make_database

# Not compared: sessions end, and the times of migrations are those of the site.
_APART = {"django_session", "django_migrations", "sqlite_sequence"}


def fill_site(data: Path, *, n_papers: int = 30) -> None:
    """Papers, a reader with a star, a summary, and a PDF in the data folder."""
    papers = [make_paper(title=f"Paper {number} über $x_{number}$") for number in range(n_papers)]
    reader = get_user_model().objects.create_user("ada", password="long enough")
    Item.objects.create(user=reader, kind="star", key=papers[0].key, changed=1, revision=1)
    Summary.objects.create(paper=papers[0], language="en", markdown="**Yes**", requested_at=timezone.now())
    pdf = data / "files" / "own" / "3f" / "pdf-3f.pdf"
    pdf.parent.mkdir(parents=True, exist_ok=True)
    pdf.write_bytes(b"%PDF-1.7 " + bytes(range(256)))


def make_large_library(folder: Path, *, n_papers: int) -> Library:
    """A library with processes of its own, whose papers are about parsers."""
    make_database(folder)
    library = Library(folder)
    records = [
        {"id": f"arxiv:2601.{number:05}", "title": f"Paper {number} on parsers", "abstract": "We do things. " * 20}
        for number in range(n_papers)
    ]
    (folder / "papers.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    library.done("import_papers", str(folder / "papers.jsonl"))
    (folder / "papers.jsonl").unlink()
    return library


def rows_of(database: Path) -> dict[str, str]:
    """A hash of the rows of each table of a SQLite file that has any."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        hashes = {}
        for name in sorted(set(names) - _APART):
            rows = connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
            if rows:
                hashes[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return hashes
    finally:
        connection.close()


def files_of(folder: Path) -> dict[str, bytes]:
    """Content of the files below a folder, by relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
