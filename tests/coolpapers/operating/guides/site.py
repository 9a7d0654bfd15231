"""A small site that a guide's commands run on, as they stand: with other folders, ports and names."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.house.source import ROOT

N_PAPERS = 12
TIMEOUT_S = 600.0
_PROGRAMS = {
    "python": '{python} "$@"',
    "python3": '{python} "$@"',
    "celery": '{python} -m celery "$@"',
    "coolpapers": '{python} -m coolpapers "$@"',
    "curl": '/usr/bin/env -u CURL_HOME PATH="$REAL_PATH" curl --silent --show-error --fail-with-body "$@"',
}


class Site:
    """``words`` are words of a guide and what stands for them here; ``environment`` is that of all commands.

    Commands run in ``folder``, where ``manage.py`` is, as in a checkout.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.words: dict[str, str] = {}
        self.processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        programs = folder / "programs"
        programs.mkdir(parents=True)
        for name, script in _PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\nexec {script.replace('{python}', sys.executable)}\n")
            (programs / name).chmod(0o755)
        (folder / "manage.py").symlink_to(ROOT / "manage.py")
        ours = ("COOLPAPERS_", "DJANGO_", "PYTEST_")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "REAL_PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HF_HUB_OFFLINE": "1",
            "COOLPAPERS_WEB_WORKERS": "1",
            "COOLPAPERS_DATA_DIR": str(self.data),
        }

    def place(self, text: str) -> str:
        """A text of the guide with this site's words."""
        if not self.words:
            return text
        longest_first = sorted(self.words, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), lambda found: self.words[found[0]], text)

    def run(self, command: str) -> str:
        """Run a command of a guide to its end; returns what it printed. Fails with that if its status is not 0."""
        if match := re.fullmatch(r"export (\w+)=(\S+)", self.place(command)):
            self.environment[match[1]] = match[2]
            return ""
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", self.place(command)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout[-4_000:]}"
        return ended.stdout

    def start(self, command: str) -> None:
        """Start a command that does not end; :meth:`stop` ends it."""
        with self.log(len(self.processes)).open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self.place(command)}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append((command, process))

    def log(self, number: int) -> Path:
        return self.folder / f"{number}.log"

    def wait_until(self, holds: Callable[[], bool], *, what: str) -> None:
        """Until ``holds``, as long as all started commands run."""
        end = time.monotonic() + TIMEOUT_S
        while not holds():
            for number, (command, process) in enumerate(self.processes):
                assert process.poll() is None, f"{command} ended: {self.log(number).read_text()[-4_000:]}"
            logs = [self.log(number).read_text()[-2_000:] for number in range(len(self.processes))]
            assert time.monotonic() < end, f"not in time: {what}: {logs}"
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM to the started commands, the last one first; each has to end by itself."""
        for _, process in reversed(self.processes):
            process.terminate()
        try:
            for command, process in self.processes:
                assert process.wait(120) in (0, -15), command
        finally:
            for _, process in self.processes:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with the processes of a pool
            self.processes = []

    def make_administrator_answers(self) -> None:
        """What ``createsuperuser`` asks a person for."""
        self.environment |= {
            "DJANGO_SUPERUSER_USERNAME": "ada",
            "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
            "DJANGO_SUPERUSER_PASSWORD": "followed-by-a-test",
        }

    def hits(self) -> list[str]:
        """Keys of the papers that a search finds, best first."""
        printed = self.run("coolpapers search_papers --json --top 50 --mode bm25 parsers")
        return [hit["id"] for hit in json.loads(printed)["hits"]]


def records(n_papers: int = N_PAPERS, *, first: int = 0) -> str:
    """Papers as lines of JSON."""
    papers = (
        {
            "id": f"arxiv:2601.{number:05}",
            "title": f"Paper {number} on parsers",
            "abstract": f"We parse {number} words.",
        }
        for number in range(first, first + n_papers)
    )
    return "".join(f"{json.dumps(paper)}\n" for paper in papers)
