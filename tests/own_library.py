"""A library in a folder of its own, worked on by processes of its own: for tests that kill them."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = '[en]\nsystem = "S"\nquestions = ["Why?", "How?"]\n'


class Library:
    """``environment`` is what its processes run in; only the library's own settings are set."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("COOLPAPERS_", "DJANGO_"))
        }
        self.environment = {**inherited, "COOLPAPERS_DATA_DIR": str(folder), **settings}

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def manage(self, *args: str) -> subprocess.Popen[str]:
        return self.start(sys.executable, "manage.py", *args)

    def run_script(self, script: str, *args: str) -> subprocess.Popen[str]:
        """Python with the library's settings, whose input is a pipe."""
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", script, *args]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        )

    def done(self, *args: str) -> str:
        """Run a command to its end and return what it wrote."""
        process = self.manage(*args)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def row(self, table: str = "reading_summary") -> dict[str, object]:
        """The first row of a table; empty where there is none."""
        database = sqlite3.connect(self.folder / "db.sqlite3", timeout=30)
        database.row_factory = sqlite3.Row
        try:
            return dict(database.execute(f"SELECT * FROM {table}").fetchone() or {})
        finally:
            database.close()

    def execute(self, sql: str) -> None:
        database = sqlite3.connect(self.folder / "db.sqlite3", timeout=30)
        with database:
            database.execute(sql)
        database.close()


@cache
def _empty_database() -> Path:
    """A database with all tables and no rows; migrating once is enough for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="coolpapers-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Library(folder).done("migrate", "--verbosity=0")
    return folder / "db.sqlite3"


def make_database(folder: Path) -> None:
    """Put a migrated database without rows into a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_empty_database(), folder / "db.sqlite3")


def make_library(folder: Path, *, llm_url: str, **settings: str) -> Library:
    """A library with one paper, arXiv 2601.00001, whose summaries are written by the model's server at ``llm_url``."""
    prompts = folder / "prompts.toml"
    prompts.write_text(QUESTIONS, encoding="utf-8")
    model = {
        "COOLPAPERS_SUMMARIZER": "endpoint",
        "COOLPAPERS_LLM_URL": llm_url,
        "COOLPAPERS_LLM_MODEL": "m",
        "COOLPAPERS_LLM_PROMPTS": str(prompts),
    }
    library = Library(folder, **model, **settings)
    make_database(folder)
    record = {"id": "arxiv:2601.00001", "title": "A paper to be summarised", "abstract": "We do things.", "year": 2026}
    (folder / "papers.jsonl").write_text(json.dumps(record), encoding="utf-8")
    library.done("import_papers", str(folder / "papers.jsonl"))
    return library


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
