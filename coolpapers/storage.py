"""Files that are either the old ones or the new ones, never half of each."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

try:
    import minify
except ImportError:  # it has no wheel for some machines (macOS on ARM); scripts then ship as they are written
    minify = None

OWN_SCRIPTS = "js/"  # vendored scripts come minified, the admin's are read by few


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; when the block ends well, move it there.

    The move is ``os.replace``: a reader sees the old file or the new one. An exception in the block
    removes the temporary file and leaves ``path`` as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, sort_keys=True), encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; None where it is missing or not JSON (half written by something else)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def minify_script(source: str) -> str:
    """An ES module or classic script without comments, blanks and long local names; exports keep theirs."""
    if minify is None:
        return source
    # The hashing knows an import by its semicolon, which the last statement of a file may lose.
    return f"{minify.string('application/javascript', source)};"


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # WhiteNoise has no types
    """Static files under hashed names, so that browsers may keep them for ever; our own scripts minified.

    ES modules import each other by relative path; the hashes must follow them.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: Mapping[str, tuple[Storage, str]], **options: Any) -> Iterator[Any]:
        """As inherited. Django hashes what it reads from the places given, so those give our scripts minified."""
        yield from super().post_process(
            {
                name: (_MinifiedSource(storage), path) if _is_own_script(name) else (storage, path)
                for name, (storage, path) in paths.items()
            },
            **options,
        )


def _is_own_script(name: str) -> bool:
    return name.startswith(OWN_SCRIPTS) and name.endswith(".js")


class _MinifiedSource:
    """A place of static files whose scripts come minified; only what post-processing asks of it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, name: str) -> ContentFile[bytes]:
        with self._storage.open(name) as file:
            return ContentFile(minify_script(file.read().decode("utf-8")).encode("utf-8"))
