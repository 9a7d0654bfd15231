"""Static files: hashed names, and our own scripts bundled and minified."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/"  # vendored scripts come minified, the admin's are read by few
ROOT = Path(__file__).resolve().parents[2]
BUNDLER = ROOT / "tools" / "bundle_scripts.mjs"
NPM_PACKAGES = ROOT / "build" / "npm" / "node_modules"  # there since tools/fetch_assets.py ran

logger = logging.getLogger(__name__)


def has_bundler() -> bool:
    """Whether tools/fetch_assets.py has brought what ``bundle_scripts`` needs."""
    return all((NPM_PACKAGES / name).is_dir() for name in ("esbuild-wasm", "terser"))


def bundle_scripts(sources: Mapping[str, str]) -> dict[str, str]:
    """Scripts that no other one imports, by name, each with all it imports, without comments, blanks and long names.

    What is not among the sources stays an import. All come back as they are where the bundler is not to be had.

    Raises
    ------
    ValueError
        If a script cannot be read.
    """
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if node is None or not has_bundler():
        logger.warning("No bundler: our scripts ship as they are written. tools/fetch_assets.py brings it.")
        return dict(sources)
    # One process for all: to start it takes longer than to do the work. It starts another, by the name of node.
    search_path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run = subprocess.run(  # noqa: S603 # our own script, by its path
        [node, str(BUNDLER), str(NPM_PACKAGES)],
        input=json.dumps(dict(sources)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": search_path},
    )
    if run.returncode:
        raise ValueError(f"a script cannot be bundled: {run.stderr.strip()}")
    # The hashing knows an import by its semicolon, which the last statement of a file may lose.
    return {name: f"{code.removesuffix(';')};" for name, code in json.loads(run.stdout).items()}


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # WhiteNoise has no types
    """Static files under hashed names, so that browsers may keep them for ever; our own scripts bundled and minified.

    ES modules import each other by relative path; the hashes must follow them.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: Mapping[str, tuple[Storage, str]], **options: Any) -> Iterator[Any]:
        """As inherited, without the scripts that went into others.

        Django hashes what it reads from the places given, so those give the bundles.
        """
        sources = {name: _read(storage, name) for name, (storage, _) in paths.items() if _is_own_script(name)}
        bundles = bundle_scripts(sources) if sources else {}
        yield from super().post_process(
            {
                name: (_BundledSource(bundles), path) if name in bundles else (storage, path)
                for name, (storage, path) in paths.items()
                if name in bundles or name not in sources
            },
            **options,
        )


def _is_own_script(name: str) -> bool:
    return name.startswith(OWN_SCRIPTS) and name.endswith(".js")


def _read(storage: Storage, name: str) -> str:
    with storage.open(name) as file:
        text: str = file.read().decode("utf-8")
    return text


class _BundledSource:
    """A place of static files whose scripts come bundled; only what post-processing asks of it."""

    def __init__(self, scripts: Mapping[str, str]) -> None:
        self._scripts = scripts

    def open(self, name: str) -> ContentFile[bytes]:
        return ContentFile(self._scripts[name].encode("utf-8"))
