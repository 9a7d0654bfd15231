"""How large is what a browser gets of our own scripts and styles?

Collects static files as a deployment does, into a throw-away folder, and adds up sizes by kind: as written, as
shipped (scripts bundled and minified), and as sent (gzip).

    python -m bench.site.bench_assets
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test.utils import override_settings  # noqa: E402

KINDS = ("js", "css")
# Large, and nothing of ours imports it.
UNRELATED = ["admin", "mathjax*", "cmaps", "standard_fonts", "wasm", "iccs"]
# What a list or a search does not load: the PDF viewer is a document of its own.
ELSEWHERE = frozenset({"pdf-viewer"})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, override_settings(STATIC_ROOT=Path(folder)):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNRELATED)
        storage = staticfiles_storage
        if not isinstance(storage, ManifestStaticFilesStorage):
            raise SystemExit("The settings ship static files as they are; there is nothing to measure.")
        hashed = dict(storage.hashed_files)
        report = {kind: measure(kind, hashed, Path(folder)) for kind in KINDS}
    on_list = {name: one for name, one in report["js"]["files"].items() if Path(name).stem not in ELSEWHERE}
    report["js"]["shipped_list_page"] = sum(one["shipped"] for one in on_list.values())
    print(json.dumps({"bench": "assets", **report}, indent=1))


def measure(kind: str, hashed: dict[str, str], folder: Path) -> dict[str, Any]:
    """Bytes of every own file of a kind as shipped, and the sums, also of the sources."""
    files = {}
    for name in sorted(name for name in hashed if name.startswith(f"{kind}/")):
        shipped = (folder / hashed[name]).read_bytes()
        files[name] = {"shipped": len(shipped), "gzip": len(gzip.compress(shipped, 9))}
    sums = {size: sum(one[size] for one in files.values()) for size in ("shipped", "gzip")}
    written = sum(path.stat().st_size for path in (settings.BASE_DIR / "static" / kind).iterdir())
    return {"n_files": len(files), "written": written, **sums, "files": files}


if __name__ == "__main__":
    main()
