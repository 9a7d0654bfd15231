"""Static files: hashed names, and our own scripts and style sheets bundled and minified."""

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

import brotli
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our own scripts and style sheets. Vendored ones come minified; the admin's are read by few.
OWN_ASSETS = {"js/": ".js", "css/": ".css"}
ROOT = Path(__file__).resolve().parents[2]
BUNDLER = ROOT / "tools" / "bundle_assets.mjs"
NPM_PACKAGES = ROOT / "build" / "npm" / "node_modules"  # there since tools/fetch_assets.py ran

logger = logging.getLogger(__name__)


def has_bundler() -> bool:
    """Whether tools/fetch_assets.py has brought what ``bundle_assets`` needs."""
    return all((NPM_PACKAGES / name).is_dir() for name in ("esbuild-wasm", "terser"))


def bundle_assets(sources: Mapping[str, str]) -> dict[str, str]:
    """Bundle each script and style sheet that no other one imports with all it imports, and minify the bundles.

    An import of a file that is not among the sources remains. Without the bundler, the sources are returned unchanged.

    Raises
    ------
    ValueError
        If a source cannot be parsed.
    """
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if node is None or not has_bundler():
        logger.warning("No bundler: scripts and styles ship as they are written. tools/fetch_assets.py installs it.")
        return dict(sources)
    # One process bundles all files: its start takes longer than its work. It starts another one by the name "node".
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
        raise ValueError(f"a script or a style sheet cannot be bundled: {run.stderr.strip()}")
    return {name: _terminated(name, code) for name, code in json.loads(run.stdout).items()}


def _terminated(name: str, code: str) -> str:
    """The hashing recognizes an import by its semicolon, which the last statement of a script may lose."""
    return f"{code.removesuffix(';')};" if name.endswith(".js") else code


class StaticCompressor(Compressor):  # type: ignore[misc] # WhiteNoise has no types
    """Compresses with gzip and Brotli, at a quality that takes half the time of the highest for 2 % more bytes."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=10)
        return compressed


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # WhiteNoise has no types
    """Static files under hashed names, so that browsers may cache them for ever; our own assets bundled and minified.

    ES modules import each other by relative path; the hashes must follow them.
    """

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        return StaticCompressor(**options)

    def post_process(self, paths: Mapping[str, tuple[Storage, str]], **options: Any) -> Iterator[Any]:
        """As inherited, without the files that other ones include.

        Django hashes what it reads from the storages in ``paths``, so the storage of a bundle returns the bundle.
        """
        sources = {name: _read(storage, name) for name, (storage, _) in paths.items() if _is_own_asset(name)}
        bundles = bundle_assets(sources) if sources else {}
        yield from super().post_process(
            {
                name: (_BundledSource(bundles), path) if name in bundles else (storage, path)
                for name, (storage, path) in paths.items()
                if name in bundles or name not in sources
            },
            **options,
        )


def _is_own_asset(name: str) -> bool:
    return any(name.startswith(folder) and name.endswith(suffix) for folder, suffix in OWN_ASSETS.items())


def _read(storage: Storage, name: str) -> str:
    with storage.open(name) as file:
        text: str = file.read().decode("utf-8")
    return text


class _BundledSource:
    """A storage that returns bundles; it has only what post-processing calls."""

    def __init__(self, bundles: Mapping[str, str]) -> None:
        self._bundles = bundles

    def open(self, name: str) -> ContentFile[bytes]:
        return ContentFile(self._bundles[name].encode("utf-8"))
