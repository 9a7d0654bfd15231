"""Opaque pagination cursors: the last entry shown and a fingerprint of the request. Pure functions.

A cursor names the last entry and not a count, so that papers that arrive between two pages neither repeat an entry nor
skip one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from coolpapers.api.errors import BadParameter

_FINGERPRINT_LETTERS = 12


def write_cursor(place: Mapping[str, Any], *, question: object) -> str:
    """A cursor at ``place`` (JSON values) in the result list of ``question``."""
    text = json.dumps({**place, "of": _fingerprint(question)}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, *, question: object, kinds: Mapping[str, type]) -> dict[str, Any]:
    """The place in a cursor; ``kinds`` gives its required values and their types.

    Raises BadParameter if the cursor is malformed or belongs to another list.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        values = {name: place[name] for name in kinds}
        fingerprint = place["of"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as exc:
        raise _invalid("Invalid cursor.") from exc
    if any(type(values[name]) is not kind for name, kind in kinds.items()):
        raise _invalid("Invalid cursor.")
    if fingerprint != _fingerprint(question):
        raise _invalid("The cursor belongs to another request.")
    return values


def _fingerprint(question: object) -> str:
    return hashlib.sha256(repr(question).encode("utf-8", "surrogatepass")).hexdigest()[:_FINGERPRINT_LETTERS]


def _invalid(detail: str) -> BadParameter:
    cure = "Send “next” of the previous page with otherwise the same parameters, or start without a cursor."
    return BadParameter(detail, where="cursor", cure=cure)
