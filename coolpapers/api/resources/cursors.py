"""Where a list goes on, as an opaque text: what was shown last, and a mark of what was asked for. Plain Python.

A cursor names the last thing seen and not a number of things, so that papers which come in between neither push one
onto two pages nor off both.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from coolpapers.api.errors import BadParameter

_MARK_LETTERS = 12


def write_cursor(place: Mapping[str, Any], *, question: object) -> str:
    """A cursor at ``place`` (JSON values) of the list that ``question`` asks for."""
    text = json.dumps({**place, "of": _mark(question)}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, *, question: object, kinds: Mapping[str, type]) -> dict[str, Any]:
    """The place that a cursor holds; ``kinds`` says which values of which type it must have.

    Raises BadParameter for what is no cursor, or one of another list.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        values = {name: place[name] for name in kinds}
        mark = place["of"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as exc:
        raise _wrong("This is no cursor.") from exc
    if any(type(values[name]) is not kind for name, kind in kinds.items()):
        raise _wrong("This is no cursor.")
    if mark != _mark(question):
        raise _wrong("This cursor belongs to another question.")
    return values


def _mark(question: object) -> str:
    return hashlib.sha256(repr(question).encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LETTERS]


def _wrong(detail: str) -> BadParameter:
    cure = "Send “next” of the page before with otherwise the same parameters, or begin without a cursor."
    return BadParameter(detail, where="cursor", cure=cure)
