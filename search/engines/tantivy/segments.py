"""The files of tantivy's segments, by their names and ``meta.json``: removes what a killed commit leaves behind."""

from __future__ import annotations

import re
from pathlib import Path

from search.base.files import read_json

# <segment>.<kind>, and <segment>.<opstamp>.del for a list of deleted documents
_SEGMENT_FILE = re.compile(r"(?P<segment>[0-9a-f]{32})\.(?:(?P<opstamp>\d+)\.del|[a-z]+(?:\.[a-z]+)*)")


def remove_leftovers(folder: Path) -> None:
    """Delete the files of a commit whose process was killed: those that the last commit does not name.

    The library refuses to write a list of deleted documents that already exists. Call it with the write lock. Readers
    keep the files that they have open.
    """
    meta = read_json(folder / "meta.json")
    if not isinstance(meta, dict) or not isinstance(meta.get("segments"), list):
        return
    deletes = {}
    for segment in meta["segments"]:
        named = segment.get("deletes") or {}
        deletes[str(segment["segment_id"]).replace("-", "")] = str(named.get("opstamp", ""))
    for path in folder.iterdir():
        match = _SEGMENT_FILE.fullmatch(path.name)
        if match is None:
            continue
        is_other_segment = match["segment"] not in deletes
        if is_other_segment or (match["opstamp"] and match["opstamp"] != deletes[match["segment"]]):
            path.unlink(missing_ok=True)
