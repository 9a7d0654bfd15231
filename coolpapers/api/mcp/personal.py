"""What an assistant may see and change of its owner's stars and collections.

Everything goes through the same items as the reader's own devices, so a star set here is on the phone at the next sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.timezone import now

from coolpapers.api.errors import BadParameter, NotHere
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.flags import fold
from coolpapers.people.state.items import Collection, Items
from coolpapers.people.state.selectors import starred_keys
from coolpapers.people.state.storage import account_writes, keep
from coolpapers.people.state.writes import Write

MAX_NAME = 100  # characters of a collection's name


def starred(user: AbstractBaseUser) -> list[str]:
    """Keys of starred papers, the newest star first."""
    rows = Item.objects.kept(Kind.STAR).filter(user_id=user.pk).order_by("-changed", "-pk")
    return list(rows.values_list("key", flat=True))


def collections(user: AbstractBaseUser) -> list[dict[str, Any]]:
    """Names, notes and sizes of a reader's collections."""
    found = Items(account_writes(user), now=now()).collections()
    return [{"id": one.ident, "name": one.name, "note": one.note, "n_papers": len(one.members)} for one in found]


def members(user: AbstractBaseUser, name: str) -> list[str]:
    """Keys of a collection's papers, in the reader's order. Raises NotHere."""
    return _collection(Items(account_writes(user), now=now()), name).keys


def star(user: AbstractBaseUser, keys: Sequence[str], *, deleted: bool = False) -> int:
    """Star papers, or take their stars away; how many that changed."""
    have = starred_keys(user)
    wanted = [key for key in dict.fromkeys(keys) if (key in have) is deleted]
    rows = Item.objects.filter(user_id=user.pk, kind=Kind.STAR, key__in=wanted).values_list("key", "changed")
    last = dict(rows)
    stamp = _milliseconds(now())
    # A device whose clock is ahead must not win over what was asked for now.
    keep(user, [Write(Kind.STAR, key, max(stamp, last.get(key, 0) + 1), deleted=deleted) for key in wanted])
    return len(wanted)


def collect(user: AbstractBaseUser, name: str, keys: Sequence[str]) -> tuple[str, int]:
    """Put papers at the end of a collection, which is made where there is none of that name.

    Returns the collection's name and how many papers are new in it.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise BadParameter(
            "A collection needs a name.", where="collection", cure=f"Give one of at most {MAX_NAME} characters."
        )
    items = Items(account_writes(user), now=now())
    one = _find(items, name)
    if one is None:
        writes = items.create(name, keys=keys)
        keep(user, writes)
        return name, len(writes) - 1
    writes = items.add(one, keys)
    keep(user, writes)
    return one.name, len(writes)


def take_out(user: AbstractBaseUser, name: str, keys: Sequence[str]) -> tuple[str, int]:
    """Take papers out of a collection; its name and how many were in it. Raises NotHere."""
    items = Items(account_writes(user), now=now())
    one = _collection(items, name)
    writes = [write for key in dict.fromkeys(keys) for write in items.take_out(one, key)]
    keep(user, writes)
    return one.name, len(writes)


def _collection(items: Items, name: str) -> Collection:
    found = _find(items, name)
    if found is None:
        names = ", ".join(f"“{one.name}”" for one in items.collections()[:20]) or "none yet"
        raise NotHere(f"There is no collection “{name[:80]}”.", where="collection", cure=f"The collections: {names}.")
    return found


def _find(items: Items, name: str) -> Collection | None:
    """A collection by its id or name; case, accents and blanks do not matter in a name."""
    for one in items.collections():
        if one.ident == name or fold(one.name) == fold(name):
            return one
    return None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
