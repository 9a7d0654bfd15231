"""A machine in a scratch folder that a guide is followed on: the guide's own files and commands, with other paths.

``/srv``, ``/etc`` and ``/usr/local/bin`` lie in the folder, and ports are free ones. The guide's shell commands run as
they stand, with these programs replaced: ``apt-get`` and ``pip`` do nothing (the packages are there), ``adduser`` makes
the home folder, ``runuser`` runs as the present user and as that role of PostgreSQL, ``python3 -m venv`` makes an
environment that runs this checkout, ``systemctl`` is :mod:`bench.operating.parts.services`, and ``createsuperuser`` is
not asked for a password.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.operating.parts.guide import commands_of, files_of
from bench.operating.parts.services import Services

CHECKOUT = Path(__file__).resolve().parents[3]
PASSWORD = "trial-of-the-guide"
_FOLDERS = ("/srv/", "/etc/", "/usr/local/bin/")
_SHIMS = {
    "apt-get": "exit 0",
    "adduser": 'for last; do :; done\nmkdir -p "{root}/srv/$last"',
    "runuser": 'export PGUSER="$2"\nshift 3\nexec "$@"',
    "systemctl": 'PYTHONPATH={checkout} exec {python} -m bench.operating.parts.services {root} "$@"',
    "python3": 'mkdir -p "$3/bin"\nfor name in python pip celery; do cp {root}/shims/venv-$name "$3/bin/$name"; done',
    "venv-python": 'PYTHONPATH={checkout} exec {python} "$@"',
    "venv-celery": 'PYTHONPATH={checkout} exec {python} -m celery "$@"',
    "venv-pip": "exit 0",
}

_OURS = ("COOLPAPERS_", "DJANGO_SETTINGS_MODULE")  # variables of the process that runs the trial, maybe a test


class Machine:
    """``replaced``: words of the guide and what stands for them here; ``environment`` is that of all commands."""

    def __init__(self, root: Path, *, replaced: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self.root = root
        self._replaced = {**{folder: f"{root}{folder}" for folder in _FOLDERS}, **replaced}
        longest_first = sorted(self._replaced, key=len, reverse=True)
        self._places = re.compile("|".join(map(re.escape, longest_first)))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        path = environment.get("PATH", os.environ["PATH"])
        self.environment = {
            **inherited,
            **environment,
            "PATH": os.pathsep.join((str(root / "shims"), str(root / "usr/local/bin"), path)),
            "PGUSER": "coolpapers",
            "DJANGO_SUPERUSER_USERNAME": "ada",
            "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "HF_HUB_OFFLINE": "1",
        }
        self.services = Services(root)
        self._make_shims()

    def write_files(self, guide: Path, **more: str) -> None:
        """Write the files that the guide names; ``more`` are settings added to those of the guide."""
        for path, text in files_of(guide).items():
            content = self.place(text)
            if path == "/etc/coolpapers.env":
                content += "".join(f"{name}={value}\n" for name, value in more.items())
            self.write(path, content)

    def write(self, path: str, content: str) -> Path:
        place = Path(self.place(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        return place

    def place(self, text: str) -> str:
        """A text of the guide with this machine's paths and ports."""
        return self._places.sub(lambda match: self._replaced[match[0]], text)

    def follow(self, guide: Path, section: str, **names: str) -> str:
        """Run the commands of a section; each of ``names`` stands for a word of them. Returns what they print."""
        commands = commands_of(guide, section)
        for name, value in names.items():
            commands = commands.replace(name.replace("__", "."), value)
        return self.run(commands.replace("createsuperuser", "createsuperuser --noinput"))

    def run(self, commands: str) -> str:
        """Run shell commands of the guide. Raises RuntimeError with what they said if one fails."""
        ended = subprocess.run(
            ["/bin/sh", "-e", "-c", self.place(commands)],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise RuntimeError(f"{commands}\n{ended.stdout[-4_000:]}")
        return ended.stdout

    def _make_shims(self) -> None:
        folder = self.root / "shims"
        folder.mkdir(parents=True)
        for name, script in _SHIMS.items():
            text = script.replace("{root}", str(self.root)).replace("{checkout}", str(CHECKOUT))
            (folder / name).write_text(f"#!/bin/sh\n{text.replace('{python}', sys.executable)}\n", encoding="utf-8")
            (folder / name).chmod(0o755)
