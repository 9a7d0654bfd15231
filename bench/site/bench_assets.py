"""How large are our scripts and style sheets in the browser?

    python -m bench.site.bench_assets

Collects static files into a temporary folder, as a deployment does. Prints JSON: sums of sizes by kind, as written, as
shipped (bundled and minified), and as sent (gzip).
"""

from __future__ import annotations

import argparse
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
# Large files that none of our own files imports.
UNRELATED = ["admin", "mathjax*", "cmaps", "standard_fonts", "wasm", "iccs"]
# The PDF viewer is a document of its own: lists and searches do not load its files.
NOT_ON_LIST_PAGES = frozenset({"viewer"})


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as folder, override_settings(STATIC_ROOT=Path(folder)):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNRELATED)
        storage = staticfiles_storage
        if not isinstance(storage, ManifestStaticFilesStorage):
            raise SystemExit("These settings do not bundle static files, so there is nothing to measure.")
        hashed = dict(storage.hashed_files)
        report = {kind: measure(kind, hashed, Path(folder)) for kind in KINDS}
    for sizes in report.values():
        on_list_page = [size for name, size in sizes["files"].items() if Path(name).stem not in NOT_ON_LIST_PAGES]
        sizes["list_page"] = {"n_files": len(on_list_page)} | {
            size: sum(file[size] for file in on_list_page) for size in ("shipped", "gzip")
        }
    print(json.dumps({"bench": "assets", **report}, indent=1))


def measure(kind: str, hashed: dict[str, str], folder: Path) -> dict[str, Any]:
    """Bytes of each shipped file of a kind, their sums, and the sum of the sources."""
    files = {}
    for name in sorted(name for name in hashed if name.startswith(f"{kind}/")):
        shipped = (folder / hashed[name]).read_bytes()
        files[name] = {"shipped": len(shipped), "gzip": len(gzip.compress(shipped, 9))}
    sums = {size: sum(sizes[size] for sizes in files.values()) for size in ("shipped", "gzip")}
    written = sum(path.stat().st_size for path in (settings.BASE_DIR / "static" / kind).rglob(f"*.{kind}"))
    return {"n_files": len(files), "written": written, **sums, "files": files}


if __name__ == "__main__":
    main()
