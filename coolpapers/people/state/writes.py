"""Writes of items, as devices send them and files store them.

Each write is validated on its own, so that an invalid one does not affect the others. Start at :func:`read_writes`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from coolpapers.people.models.kinds import Kind

MAX_KEY = 300  # characters; a collection's id, a slash and a paper key of 200
MAX_VALUE_BYTES = 64 * 1024  # of a value as JSON; a note of some ten pages
SKEW_MS = 5 * 60 * 1000  # how far a device's clock may be ahead of the server's
_KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Write:
    """The state of an item from ``changed`` on, in milliseconds since 1970."""

    kind: str
    key: str
    changed: int
    value: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False

    @property
    def ident(self) -> tuple[str, str]:
        return self.kind, self.key

    @property
    def rank(self) -> tuple[int, bool, str]:
        """The write with the highest rank wins. Ties in time are broken the same way on every device."""
        return self.changed, self.deleted, json.dumps(self.value, sort_keys=True)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "key": self.key,
            "value": self.value,
            "changed": self.changed,
            "deleted": self.deleted,
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rejected write and the reason."""

    kind: str
    key: str
    reason: str

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "key": self.key, "reason": self.reason}


def read_writes(rows: Iterable[object], *, now_ms: int) -> tuple[list[Write], list[Refusal]]:
    """Validate rows of a device or file; times more than :data:`SKEW_MS` ahead of ``now_ms`` are clamped."""
    writes: list[Write] = []
    refusals: list[Refusal] = []
    for row in rows:
        reason = _problem(row)
        if isinstance(row, Mapping) and not reason:
            changed = min(row["changed"], now_ms + SKEW_MS)
            deleted = row.get("deleted", False)
            value = {} if deleted else dict(row.get("value") or {})
            writes.append(Write(row["kind"], row["key"], changed, value, deleted))
        else:
            fields: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
            kind, key = str(fields.get("kind", ""))[:40], str(fields.get("key", ""))[:MAX_KEY]
            refusals.append(Refusal(kind, key, reason))
    return writes, refusals


def _problem(row: object) -> str:
    if not isinstance(row, Mapping):
        return _("An item must be an object with kind, key, value and changed.")
    kind, key, changed = row.get("kind"), row.get("key"), row.get("changed")
    if not isinstance(kind, str) or kind not in _KINDS:
        return _("Unknown kind “%(kind)s”.") % {"kind": str(kind)[:40]}
    if not isinstance(key, str) or not key.strip() or not _is_storable(key):
        return _("The key is missing or contains control characters.")
    if len(key) > MAX_KEY:
        return _("The key is longer than %(limit)d characters.") % {"limit": MAX_KEY}
    if not isinstance(changed, int) or isinstance(changed, bool) or changed < 0:
        return _("“changed” must be an integer: milliseconds since 1970.")
    if not isinstance(row.get("deleted", False), bool):
        return _("“deleted” must be true or false.")
    return _value_problem(row.get("value"))


def _value_problem(value: object) -> str:
    if value is not None and not isinstance(value, Mapping):
        return _("The value must be an object.")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (ValueError, RecursionError):  # NaN, lone surrogates, nesting too deep
        return _("The value cannot be stored as JSON.")
    if "\\u0000" in text:  # PostgreSQL cannot store it
        return _("The value contains a null character.")
    if size > MAX_VALUE_BYTES:
        return _("The value is larger than %(limit)d KB.") % {"limit": MAX_VALUE_BYTES // 1024}
    return ""


def _is_storable(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
