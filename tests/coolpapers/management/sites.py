"""A site in a folder and in processes of its own, without the powers of root, and a Redis server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.coolpapers.disks.small_disks import run_as_anyone
from tests.house.source import ROOT

START_S = 60.0
# A page of the site, asked for in one process; prints status and content as JSON.
_PAGE = (
    "import django, json, sys; django.setup(); from django.test import Client;"
    "page = Client(raise_request_exception=False, headers={'host': 'localhost'}).get(sys.argv[1]);"
    "sys.stdout.write(json.dumps([page.status_code, page.content.decode()]))"
)


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    text: str


class Site:
    """``settings`` are variables of its environment."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COOLPAPERS_")}
        self.environment = {
            **inherited,
            "COOLPAPERS_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.coolpapers.disks.site_settings",
            **settings,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_as_anyone([sys.executable, *arguments], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL)

    def make(self) -> None:
        """One paper about graphs, indexed."""
        record = {"id": "arxiv:2601.00001", "title": "Graphs", "abstract": "We count.", "year": 2026}
        (self.folder / "papers.jsonl").write_text(json.dumps(record), encoding="utf-8")
        for command in (["migrate"], ["import_papers", str(self.folder / "papers.jsonl")], ["update_index"]):
            run = self.run("manage.py", *command, "--verbosity=0")
            assert run.returncode == 0, run.stderr

    def doctor(self) -> dict[str, Any]:
        """The findings by part. Doctor never ends with a traceback."""
        run = self.run("manage.py", "doctor", "--json")
        assert "Traceback" not in run.stderr, run.stderr
        assert run.returncode in (0, 1)
        return {finding["part"]: finding for finding in json.loads(run.stdout)["parts"]}

    def page(self, address: str) -> Page:
        run = self.run("-c", _PAGE, address)
        assert run.returncode == 0, run.stderr
        return Page(*json.loads(run.stdout))

    @contextmanager
    def running(self, command: Sequence[str]) -> Iterator[None]:
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(START_S)

    def wait_for(self, part: str, state: str) -> bool:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.doctor()[part]["state"] == state:
                return True
        return False


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """A Redis server that answers. Skips the test where there is none."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed")
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    raise AssertionError("redis-server does not answer")


def stop_redis(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(START_S)
