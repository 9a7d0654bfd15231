"""Files: the Anthology's XML, which is fetched where it changed, and a folder on the server."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from coolpapers.feeding.errors import SourceMisconfigured
from coolpapers.feeding.kinds.base import Harvest
from coolpapers.papers.errors import PapersError, SourceMissing
from coolpapers.papers.importing.services import import_file
from coolpapers.papers.models import ImportRun
from coolpapers.papers.records.record import Refusal
from coolpapers.papers.sources.acl_xml import AclXmlSource

ACL_URL = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"
SETTLED_S = 30.0  # a file that changed since may still be copied


def harvest_acl(run: Harvest) -> None:
    """The Anthology's files of the selected events, of this year and the last; ``2024.acl`` is a file of its own."""
    if not run.selected:
        raise SourceMisconfigured("Select events of the Anthology, such as acl or emnlp.")
    tags: dict[str, str] = run.cursor.setdefault("tags", {})
    address = (run.source.address or ACL_URL).rstrip("/")
    for name in _collections(run):
        if run.should_stop():
            run.is_complete = False
            return
        try:
            answer = run.client.get_if_changed(f"{address}/{name}.xml", tag=tags.get(name, ""))
        except SourceMissing:  # the event is not there yet
            continue
        if answer is not None:
            run.write(AclXmlSource().read(io.BytesIO(answer.content), name=f"{name}.xml"), location=name)
            tags[name] = answer.tag
        run.save_cursor()


def _collections(run: Harvest) -> Iterator[str]:
    for word in run.selected:
        if word[:4].isdigit():
            yield word
        else:
            yield from (f"{year}.{word}" for year in (run.now.year - 1, run.now.year))


def harvest_folder(run: Harvest) -> None:
    """Files that are new or changed; one that cannot be read does not stop the others."""
    folder = watched_folder(run.source.address)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if run.should_stop():
            run.is_complete = False
            return
        if path.name.startswith(".") or not path.is_file() or not _is_settled(path) or _is_imported(path):
            continue
        try:
            run.add(import_file(path, hooks=run.hooks(), now=run.now))
        except PapersError as exc:
            run.report.refused += 1
            run.refuse(Refusal(path.name, 0, "", str(exc)))
            _remember(path)


def watched_folder(name: str) -> Path:
    """The folder of a source, which must lie in WATCH_DIR. Raises SourceMisconfigured."""
    root = Path(settings.WATCH_DIR).resolve()
    folder = (root / name).resolve()
    if not folder.is_relative_to(root):
        raise SourceMisconfigured(f"{name} is outside {root}; name a folder in it, or set COOLPAPERS_WATCH_DIR.")
    return folder


def _is_settled(path: Path) -> bool:
    return time.time() - path.stat().st_mtime >= SETTLED_S


def _fingerprint(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def _is_imported(path: Path) -> bool:
    """Whether this very file was read to its end, or refused."""
    runs = ImportRun.objects.filter(location=str(path.resolve())[-500:], finished=True)
    return runs.filter(fingerprint=_fingerprint(path)).exists()


def _remember(path: Path) -> None:
    """Do not read an unreadable file again until it changes."""
    ImportRun.objects.update_or_create(
        source="folder",
        location=str(path.resolve())[-500:],
        defaults={"fingerprint": _fingerprint(path), "finished": True, "n_refused": 1},
    )
