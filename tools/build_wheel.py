"""``make wheel``: a wheel with bundled and compressed static files, in ``dist/``.

``pip wheel .`` makes a working wheel, too, but with the sources of the static files, which ``prepare_site`` collects.
Run this after ``tools/fetch_assets.py``: it refuses to build a wheel without the browser assets.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.build_data import COLLECTED_STATIC, ROOT, STATIC

COLLECT = """
import django
from django.conf import settings
from django.core.management import call_command

django.setup()
settings.STATIC_ROOT = {target!r}
call_command("collectstatic", interactive=False, verbosity=0)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder for the wheel")
    if not (STATIC / "vendor" / ".installed").is_file():
        raise SystemExit("static/vendor holds no browser assets; run tools/fetch_assets.py, or `make wheel`.")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="coolpapers-wheel-") as folder:
        collect(Path(folder) / "static", data_dir=Path(folder) / "data")
        build(out, static=Path(folder) / "static")
    print(f"The wheel is in {out}")
    return 0


def collect(target: Path, *, data_dir: Path) -> None:
    """Collect, bundle, hash and compress the static files into ``target``; the project's data folder is not touched."""
    environment = {"DJANGO_SETTINGS_MODULE": "coolpapers.settings", "COOLPAPERS_DATA_DIR": str(data_dir)}
    code = COLLECT.format(target=str(target))
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env={**os.environ, **environment})


def build(out: Path, *, static: Path) -> None:
    """Build with the setuptools of this environment, so that nothing is downloaded."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(out)]
    environment = {**os.environ, COLLECTED_STATIC: str(static)}
    subprocess.run([*pip, "wheel", *options, str(ROOT)], check=True, env=environment)


if __name__ == "__main__":
    raise SystemExit(main())
