"""The file of a backup: a ZIP archive with a checksum of each member. Knows nothing of papers or of Django.

::

    tables/papers.paper.jsonl    rows of a table, see coolpapers.operating.backups.rows
    data/files/own/…             files of the data folder
    manifest.json                last: what is in the archive, and the SHA-256 of each other member

A ZIP archive has its directory at the end, so a file that was cut off is noticed at once. It can be opened with any
common tool when no coolpapers is at hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import IO, Any

from coolpapers.operating.errors import BackupUnreadable

FORMAT = 1  # of the archive; a newer one is refused
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20
# Compressed already: compressing again costs time and saves nothing.
_COMPRESSED = frozenset({".pdf", ".gz", ".zst", ".zip", ".png", ".jpg", ".jpeg", ".webp", ".npy", ".faiss"})
_LEVEL = 6

CountBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the archive: model as ``app.name``, columns in order, and the number of rows."""

    model: str
    columns: tuple[str, ...]
    n_rows: int

    @property
    def member(self) -> str:
        return f"tables/{self.model}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. ``members`` maps the name of each to ``[bytes, sha256]``.

    Attributes
    ----------
    version : of coolpapers
    created_at : ISO 8601
    database : vendor that the rows were read from, ``sqlite`` or ``postgresql``
    migrations : ``(app, name)`` of each applied migration; the rows fit the tables that these create
    revision, origin : the library's latest revision and its mark
    parts : what was included, such as ``database``, ``files``, ``index``
    left_out : sentences about what could not be included
    has_secrets : whether sessions, the secret key and secret settings are in it
    variables : the site's settings, as environment variables
    """

    version: str
    created_at: str
    database: str
    migrations: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    revision: int = 0
    origin: str = ""
    parts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    has_secrets: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def n_rows(self) -> int:
        return sum(table.n_rows for table in self.tables)

    @property
    def n_bytes(self) -> int:
        """Bytes of all members, uncompressed."""
        return sum(n_bytes for n_bytes, _ in self.members.values())

    def files(self) -> list[str]:
        """Members that are files of the data folder."""
        return [name for name in self.members if name.startswith("data/")]


class ArchiveWriter:
    """Writes the members of a new archive, one after the other, and their checksums into the manifest."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._members: dict[str, tuple[int, str]] = {}

    @property
    def members(self) -> Mapping[str, tuple[int, str]]:
        return self._members

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add a member. ``chunks`` are its content."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_STORED if PurePosixPath(name).suffix in _COMPRESSED else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        digest, n_bytes = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                n_bytes += len(chunk)
        self._members[name] = n_bytes, digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and the directory. Nothing can be added afterwards."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text, compress_type=zipfile.ZIP_DEFLATED)
        self._zip.close()

    def discard(self) -> None:
        """Close the file without a directory; it is no archive then."""
        stream = self._zip.fp
        self._zip.fp = None
        if stream is not None:
            stream.close()


class ArchiveReader:
    """An archive that was opened, with its manifest. Open it with :func:`open_archive`."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = archive
        self.manifest = manifest

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member, in pieces."""
        with self._zip.open(name) as member:
            while chunk := member.read(CHUNK_BYTES):
                yield chunk

    @contextmanager
    def lines(self, name: str) -> Iterator[Iterator[bytes]]:
        """The lines of a member."""
        with self._zip.open(name) as member, BufferedReader(member, CHUNK_BYTES) as stream:  # type: ignore[type-var]
            yield iter(stream)

    def verify(self, progress: CountBytes = lambda _n_bytes: None) -> None:
        """Compare every member with its checksum. ``progress`` receives the bytes read so far.

        Raises
        ------
        BackupUnreadable
            If a member is missing, damaged or not named in the manifest.
        """
        n_read = 0
        stored = set(self._zip.namelist()) - {MANIFEST}
        if stored != self.manifest.members.keys() or len(self._zip.namelist()) != len(stored) + 1:
            raise BackupUnreadable("The members of the backup are not those that its manifest names.")
        for name, (n_bytes, sha256) in self.manifest.members.items():
            digest, n_member = hashlib.sha256(), 0
            try:
                for chunk in self.chunks(name):
                    digest.update(chunk)
                    n_member += len(chunk)
                    progress(n_read + n_member)
            except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as exc:
                raise BackupUnreadable(f"The backup is damaged at {name} ({exc}); use another copy of it.") from exc
            if (n_member, digest.hexdigest()) != (n_bytes, sha256):
                raise BackupUnreadable(f"The backup is damaged: {name} differs from its checksum; use another copy.")
            n_read += n_member


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open a backup and read its manifest. Raises BackupUnreadable, and OSError where there is no such file."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as exc:
        raise BackupUnreadable(f"{path} is no backup of coolpapers, or was cut off ({exc}).") from exc
    with archive:
        yield ArchiveReader(archive, _read_manifest(archive, path))


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        stored: dict[str, Any] = json.loads(archive.read(MANIFEST))
        newer = int(stored["format"]) > FORMAT
        if not newer:
            return _manifest_of(stored)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as exc:
        raise BackupUnreadable(f"{path} is no backup of coolpapers, or its manifest is damaged ({exc}).") from exc
    raise BackupUnreadable(
        f"{path} was made by coolpapers {stored.get('version')} in a newer format; upgrade coolpapers first."
    )


def _manifest_of(stored: dict[str, Any]) -> Manifest:
    members = {_checked_name(name): (int(n_bytes), str(sha)) for name, (n_bytes, sha) in stored["members"].items()}
    tables = tuple(
        Table(str(table["model"]), tuple(map(str, table["columns"])), int(table["n_rows"]))
        for table in stored["tables"]
    )
    migrations = tuple((str(app), str(name)) for app, name in stored["migrations"])
    sentences = {name: tuple(map(str, stored[name])) for name in ("parts", "left_out")}
    return Manifest(**{**stored, **sentences, "members": members, "tables": tables, "migrations": migrations})


def _checked_name(name: str) -> str:
    """The name of a member, which must lie below the folder it is restored into."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or os.fspath(path) != name:
        raise ValueError(f"{name!r} leaves the folder")
    return name


def file_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, in pieces."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
