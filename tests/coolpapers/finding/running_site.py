"""A site in a process of its own, for tests of what a signal leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.house.source import ROOT
from tests.own_library import make_database


class RunningSite:
    """A site in a folder with slow models (``tests.coolpapers.finding.slow_site``), driven by its commands as a
    administrator would.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "COOLPAPERS_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.coolpapers.finding.slow_site",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out

    def stop_when(self, is_time: Callable[[], bool], *arguments: str) -> str:
        """Starts a command, sends it SIGTERM when it has come so far, and returns what it said."""
        process = self.start(*arguments)
        until = time.monotonic() + 300
        while not is_time() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        return out

    def fill(self, n_papers: int) -> None:
        make_database(self.folder)
        self.run(
            "shell",
            "--verbosity",
            "0",
            "-c",
            "from coolpapers.papers.models import Paper\n"
            f"papers = [Paper(key=f'p:{{n}}', title=f'Car {{n}}', revision=n + 1) for n in range({n_papers})]\n"
            "Paper.objects.bulk_create(papers)\n"
            "from coolpapers.papers.models import draw_revisions\n"
            "from django.db import transaction\n"
            f"with transaction.atomic(): draw_revisions({n_papers})",
        )
