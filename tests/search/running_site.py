"""A site in a process of its own, for tests of what a signal leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT


class RunningSite:
    """A site in a folder with slow models (``tests.search.slow_site``), driven by its commands as a librarian would."""

    def __init__(self, folder: Path) -> None:
        self.environment = os.environ | {
            "COOLPAPERS_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.search.slow_site",
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

    def fill(self, n_papers: int) -> None:
        self.run("migrate", "--verbosity", "0")
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
