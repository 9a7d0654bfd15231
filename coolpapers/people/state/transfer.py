"""Export a reader's personal state as one JSON file, and import such files and those of other sites.

Start at :func:`read_file`. It reads our own export, lists of paper ids (one per line, separated by commas, or a JSON
list, as papers.cool exports them) and tags of arxiv-sanity (a JSON object of id lists by tag, also by user and tag).
Any other file is rejected as a whole, with a message, before anything is saved.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, TextIO

from django.utils.translation import gettext as _

from coolpapers.papers.lookup.selectors import find_papers
from coolpapers.people.errors import InvalidFile
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.file_pieces import JsonPieces
from coolpapers.people.state.writes import MAX_KEY, Refusal, Write, read_writes
from search.vocabulary.identifier_forms import SOURCE_BY_LABEL, Identifier
from search.vocabulary.identifiers import parse_identifier

FORMAT = "coolpapers-personal-state"
VERSION = 1
MAX_FILE_BYTES = 64 * 1024 * 1024  # some 500,000 items
MAX_IDS = 50_000  # of a list; each is looked up
_BATCH = 500  # identifiers per database query
_NO_COLLECTION = ("all", "starred", "stars")  # tags that only mean "starred" and become no collection


@dataclass(frozen=True, slots=True)
class Imported:
    """The content of a file. ``missing`` are ids of papers that are not in the library; they are imported too."""

    writes: tuple[Write, ...]
    source: str
    missing: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def write_export(writes: Iterable[Write], *, exported: str) -> dict[str, Any]:
    """The items as an export file's object; ``exported`` is the time in ISO 8601."""
    items = [write.as_json() for write in writes]
    return {"format": FORMAT, "version": VERSION, "exported": exported, "items": items}


def read_file(file: IO[bytes], *, now_ms: int) -> Imported:
    """Read a file in any of the known formats. Raises InvalidFile with a message for the reader."""
    if _size(file) > MAX_FILE_BYTES:
        raise InvalidFile(_("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE_BYTES // 2**20})
    # The reader of the file closes it.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return _read_text(text, now_ms=now_ms)
    except UnicodeDecodeError as exc:
        raise InvalidFile(_("The file is not UTF-8 text; expected JSON or a list of paper ids.")) from exc
    except InvalidFile:
        raise
    except (ValueError, RecursionError) as exc:
        reason = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
        raise InvalidFile(_("The file is not valid JSON: %(error)s.") % {"error": reason[:200]}) from exc
    finally:
        text.detach()


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _read_text(text: TextIO, *, now_ms: int) -> Imported:
    """Read the decoded file. Raises ValueError and RecursionError where it is no JSON."""
    pieces = JsonPieces(text)
    match pieces.peek():
        case "":
            raise InvalidFile(_("The file is empty."))
        case "{":
            imported = _read_object(pieces, now_ms=now_ms)
        case "[":
            imported = _read_ids(_ids_of(_some(pieces.items())), now_ms=now_ms)
        case _:
            return _read_ids(_words(pieces.rest()), now_ms=now_ms)
    if pieces.peek():
        raise ValueError("Extra data")
    return imported


def _words(pieces: Iterable[str]) -> list[str]:
    """The words of a list of ids, separated by blanks, commas or semicolons. Raises InvalidFile for too many."""
    words: dict[str, None] = {}
    last = ""
    for piece in pieces:
        *whole, last = re.split(r"[\s,;]+", last + piece)
        words.update(dict.fromkeys(whole))
        if len(words) > MAX_IDS + 1 or len(last) > MAX_FILE_BYTES // 64:
            break
    words[last] = None
    return [word for word in words if word]


def _some(values: Iterable[Any]) -> list[Any]:
    """The values of a list of ids. Raises InvalidFile for too many, before all of them are in memory."""
    listed = list(islice(values, 2 * MAX_IDS + 1))
    if len(listed) > 2 * MAX_IDS:
        raise InvalidFile(_("The list has more than %(limit)d ids.") % {"limit": MAX_IDS})
    return listed


def _read_object(pieces: JsonPieces, *, now_ms: int) -> Imported:
    """Our own export, whose items are read one by one, or tags."""
    content: dict[str, Any] = {}
    items: tuple[list[Write], list[Refusal]] | None = None
    for name in pieces.entries():
        if name == "items" and pieces.peek() == "[":
            items = read_writes(pieces.items(), now_ms=now_ms)
        else:
            content[name] = pieces.value()
    if items is not None or "format" in content or "items" in content:
        return _own(content, items)
    return _read_tags(content, now_ms=now_ms)


def _own(content: Mapping[str, Any], items: tuple[list[Write], list[Refusal]] | None) -> Imported:
    if content.get("format") != FORMAT:
        raise InvalidFile(
            _("The file has format “%(found)s”; expected “%(expected)s”.")
            % {"found": str(content.get("format"))[:60], "expected": FORMAT}
        )
    version = content.get("version")
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise InvalidFile(
            _("The file has format version %(found)s; this site reads up to %(newest)d. Update the site first.")
            % {"found": str(version)[:20], "newest": VERSION}
        )
    if items is None:
        raise InvalidFile(_("The file has no list of items."))
    writes, refusals = items
    if refusals and not writes:
        raise InvalidFile(_("No item in the file is valid: %(reason)s") % {"reason": refusals[0].reason})
    return Imported(tuple(writes), "coolpapers", refusals=tuple(refusals))


def _read_ids(words: Sequence[str], *, now_ms: int) -> Imported:
    """A list of ids: one star per paper."""
    ids = _resolve(words)
    stars = dict.fromkeys(ids.keys.values())
    return Imported(tuple(Write(Kind.STAR, key, now_ms) for key in stars), "ids", ids.missing, ids.refusals)


def _read_tags(content: Mapping[str, Any], *, now_ms: int) -> Imported:
    """Tags: one collection per tag, and a star for every tagged paper."""
    by_tag = _flatten_tags(content)
    if not by_tag:
        raise InvalidFile(_("The file is JSON, but neither an export of this site nor lists of paper ids by tag."))
    ids = {tag: _ids_of(listed) for tag, listed in by_tag.items()}
    resolved = _resolve([word for words in ids.values() for word in words])
    keys = resolved.keys
    writes = [Write(Kind.STAR, key, now_ms) for key in dict.fromkeys(keys.values())]
    for tag, words in ids.items():
        if tag.lower() in _NO_COLLECTION:
            continue
        # Derived from the name: importing the file twice must not create two collections.
        ident = f"tag-{hashlib.sha256(tag.encode()).hexdigest()[:12]}"
        writes.append(Write(Kind.COLLECTION, ident, now_ms, {"name": tag, "note": ""}))
        for position, key in enumerate(dict.fromkeys(keys[word] for word in words if word in keys)):
            writes.append(Write(Kind.MEMBER, f"{ident}/{key}", now_ms, {"position": position, "note": ""}))
    return Imported(tuple(writes), "tags", resolved.missing, resolved.refusals)


def _flatten_tags(content: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """Id lists by tag; for ``{user: {tag: ids}}`` those of all users joined. Empty for any other structure."""
    by_tag: dict[str, list[Any]] = {}
    for name, listed in content.items():
        if isinstance(listed, Mapping):
            inner = listed if all(isinstance(ids, list) for ids in listed.values()) else None
        else:
            inner = {name: listed} if isinstance(listed, list) else None
        if inner is None:
            return {}
        for tag, ids in inner.items():
            by_tag.setdefault(" ".join(tag.split())[:120] or "untagged", []).extend(ids)
    return {tag: ids for tag, ids in by_tag.items() if ids}


def _ids_of(listed: Sequence[Any]) -> list[str]:
    """The ids of a JSON list of strings or of objects with an ``id``. Raises InvalidFile for other entries."""
    names = [row.get("id", row.get("_id")) if isinstance(row, Mapping) else row for row in listed]
    invalid = next((name for name in names if not isinstance(name, str)), None)
    if any(not isinstance(name, str) for name in names):
        raise InvalidFile(
            _("A list of paper ids contains “%(found)s”, which is not a string.") % {"found": str(invalid)[:60]}
        )
    return [str(name) for name in names]


@dataclass(frozen=True, slots=True)
class _Ids:
    """The paper key of each written id, the ids of papers not in the library, and the words that are not ids."""

    keys: dict[str, str]
    missing: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def _resolve(words: Sequence[str]) -> _Ids:
    """Look up the papers of the ids. Raises InvalidFile if most words are not ids: the file is something else."""
    written = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not written:
        raise InvalidFile(_("The list is empty."))
    if len(written) > MAX_IDS:
        raise InvalidFile(_("The list has more than %(limit)d ids.") % {"limit": MAX_IDS})
    parsed = {word: _identifier(word) for word in written}
    named = {word: identifier for word, identifier in parsed.items() if identifier is not None}
    invalid = [word for word in written if word not in named]
    if len(named) <= len(invalid):
        raise InvalidFile(_("Most entries are not paper ids, for example “%(word)s”.") % {"word": invalid[0][:60]})
    library_keys: dict[str, str] = {}
    idents = list(named.values())
    for start in range(0, len(idents), _BATCH):
        library_keys |= {name: paper.key for name, paper in find_papers(idents[start : start + _BATCH]).items()}
    return _Ids(
        {word: library_keys.get(identifier.key, identifier.key) for word, identifier in named.items()},
        tuple(word for word, identifier in named.items() if identifier.key not in library_keys),
        tuple(Refusal(Kind.STAR, word[:MAX_KEY], _("Not a paper id.")) for word in invalid),
    )


def _identifier(word: str) -> Identifier | None:
    """Parse any form that the search box accepts, or ``<ident>@OpenReview`` as in addresses."""
    ident, _at, label = word.rpartition("@")
    source = SOURCE_BY_LABEL.get(label.lower())
    return Identifier(source, ident) if ident and source else parse_identifier(word)
