"""Records and streams made for the tests of importing."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from coolpapers.papers.records.record import Deletion, Item, Record, Refusal, make_record
from coolpapers.papers.sources.base import PaperSource

DATA = Path(__file__).resolve().parents[2] / "data"
_numbers = count(1)


def record(**fields: Any) -> Record:
    """A record with a title and key of its own, through the same checks as a source's."""
    number = next(_numbers)
    return make_record(**{"key": f"own:{number}", "title": f"Paper number {number} about testing", **fields})


def row(**fields: Any) -> dict[str, Any]:
    """An object of our JSON Lines."""
    number = next(_numbers)
    return {
        "id": f"own:{number}",
        "title": f"Paper number {number} about testing",
        "authors": ["Ada Example"],
        **fields,
    }


def jsonl(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in rows).encode()


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write a file, compressed where its name ends in .gz."""
    data = jsonl(rows)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read_file(source: PaperSource, path: Path) -> list[Item]:
    with path.open("rb") as raw:
        return list(source.read_path(path, raw=raw))


def read_bytes(source: PaperSource, data: bytes, *, name: str = "file") -> list[Item]:
    stream: BinaryIO = io.BytesIO(data)
    return list(source.read(stream, name=name))


def records_of(items: Iterable[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def refusals_of(items: Iterable[Item]) -> list[str]:
    return [str(item) for item in items if isinstance(item, Refusal)]


def deletions_of(items: Iterable[Item]) -> list[str]:
    return [item.key for item in items if isinstance(item, Deletion)]
