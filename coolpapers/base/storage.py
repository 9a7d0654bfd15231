"""Static files: hashed names, and our own scripts and style sheets bundled and minified."""

from __future__ import annotations

import hashlib
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
# The bundles of this checkout, so that its site needs no Node.js. The file is named after the sources.
BUNDLES = ROOT / "build" / "bundles"

logger = logging.getLogger(__name__)


def has_bundler() -> bool:
    """Whether tools/fetch_assets.py has brought what ``bundle_assets`` needs."""
    return all((NPM_PACKAGES / name).is_dir() for name in ("esbuild-wasm", "terser"))


def bundle_assets(sources: Mapping[str, str], *, search_path: str | None = None) -> dict[str, str]:
    """Bundle each script and style sheet that no other one imports with all it imports, and minify the bundles.

    An import of a file that is not among the sources remains. Bundles that were made before are read from `BUNDLES`.
    Without them and without the bundler, the sources are returned unchanged. ``node`` is looked for on the search path,
    by default that of the environment, then of the system.

    Raises
    ------
    ValueError
        If a source cannot be parsed.
    """
    made = BUNDLES / f"{_fingerprint(sources)}.json"
    if made.is_file():
        return dict(json.loads(made.read_text(encoding="utf-8")))
    system_path = os.environ.get("PATH", "")
    search_path = search_path or f"{Path(sys.executable).parent}{os.pathsep}{system_path}"
    node = shutil.which("node", path=search_path)
    if node is None or not has_bundler():
        logger.warning("No bundler: scripts and styles ship as they are written. tools/fetch_assets.py installs it.")
        return dict(sources)
    # One process bundles all files: its start takes longer than its work. It starts another one by the name "node".
    run = subprocess.run(  # noqa: S603 # our own script, by its path
        [node, str(BUNDLER), str(NPM_PACKAGES)],
        input=json.dumps(dict(sources)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{system_path}"},
    )
    if run.returncode:
        raise ValueError(f"a script or a style sheet cannot be bundled: {run.stderr.strip()}")
    return {name: _terminated(name, code) for name, code in json.loads(run.stdout).items()}


def keep_bundles(sources: Mapping[str, str], *, search_path: str | None = None) -> None:
    """Keep the bundles of these sources in `BUNDLES`, in place of former ones. Does nothing without the bundler."""
    bundles = bundle_assets(sources, search_path=search_path)
    if bundles == sources:
        return
    target = BUNDLES / f"{_fingerprint(sources)}.json"
    BUNDLES.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".part").write_text(json.dumps(bundles), encoding="utf-8")
    target.with_suffix(".part").replace(target)
    for path in BUNDLES.glob("*.json"):
        if path != target:
            path.unlink()


def read_own_assets(folder: Path) -> dict[str, str]:
    """Our own scripts and style sheets in a folder of static files, by name."""
    paths = (path for start, suffix in OWN_ASSETS.items() for path in folder.glob(f"{start}**/*{suffix}"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _fingerprint(sources: Mapping[str, str]) -> str:
    """Hash of what determines the bundles: the sources and the bundler."""
    digest = hashlib.sha256()
    for path in (BUNDLER, ROOT / "package-lock.json"):
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(json.dumps(dict(sorted(sources.items()))).encode())
    return digest.hexdigest()


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
