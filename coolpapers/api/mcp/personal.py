"""Read and change the stars and collections of the token's owner.

Changes are the same item writes that the reader's devices sync: a star set here reaches the phone at its next sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.timezone import now

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.flags import fold
from coolpapers.people.state.items import Collection, Items
from coolpapers.people.state.selectors import starred_keys
from coolpapers.people.state.storage import account_writes, save_writes
from coolpapers.people.state.writes import Write

MAX_NAME = 100  # characters of a collection's name


def starred(user: AbstractBaseUser) -> list[str]:
    """Keys of starred papers, the newest star first."""
    rows = Item.objects.active(Kind.STAR).filter(user_id=user.pk).order_by("-changed", "-pk")
    return list(rows.values_list("key", flat=True))


def collections(user: AbstractBaseUser) -> list[dict[str, Any]]:
    """Ids, names, notes and sizes of a reader's collections."""
    return [
        {
            "id": collection.ident,
            "name": collection.name,
            "note": collection.note,
            "n_papers": len(collection.members),
        }
        for collection in Items(account_writes(user), now=now()).collections()
    ]


def members(user: AbstractBaseUser, name: str) -> list[str]:
    """Keys of a collection's papers, in the reader's order. Raises NotFound."""
    return _get_collection(Items(account_writes(user), now=now()), name).keys


def star(user: AbstractBaseUser, keys: Sequence[str], *, deleted: bool = False) -> int:
    """Star papers, or with ``deleted`` remove their stars; the number of changes. Idempotent."""
    present = starred_keys(user)
    changing = [key for key in dict.fromkeys(keys) if (key in present) is deleted]
    rows = Item.objects.filter(user_id=user.pk, kind=Kind.STAR, key__in=changing).values_list("key", "changed")
    last = dict(rows)
    stamp = _milliseconds(now())
    # Later than the last write, even if the clock of its device is ahead.
    writes = [Write(Kind.STAR, key, max(stamp, last.get(key, 0) + 1), deleted=deleted) for key in changing]
    save_writes(user, writes)
    return len(changing)


def add_papers(user: AbstractBaseUser, name: str, keys: Sequence[str]) -> tuple[str, int]:
    """Append papers to a collection, which is created if there is none of that name. Idempotent.

    Returns the collection's name and the number of papers added. Raises BadParameter for an invalid name.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise BadParameter(
            "A collection needs a name.", where="collection", cure=f"Give one of at most {MAX_NAME} characters."
        )
    items = Items(account_writes(user), now=now())
    collection = _find_collection(items, name)
    if collection is None:
        writes = items.create(name, keys=keys)
        save_writes(user, writes)
        return name, len(writes) - 1
    writes = items.add_papers(collection, keys)
    save_writes(user, writes)
    return collection.name, len(writes)


def remove_papers(user: AbstractBaseUser, name: str, keys: Sequence[str]) -> tuple[str, int]:
    """Remove papers from a collection; its name and the number of papers removed. Raises NotFound."""
    items = Items(account_writes(user), now=now())
    collection = _get_collection(items, name)
    writes = [write for key in dict.fromkeys(keys) for write in items.remove_paper(collection, key)]
    save_writes(user, writes)
    return collection.name, len(writes)


def _get_collection(items: Items, name: str) -> Collection:
    collection = _find_collection(items, name)
    if collection is None:
        names = ", ".join(f"“{existing.name}”" for existing in items.collections()[:20]) or "none yet"
        raise NotFound(
            f"There is no collection “{name[:80]}”.", where="collection", cure=f"Existing collections: {names}."
        )
    return collection


def _find_collection(items: Items, name: str) -> Collection | None:
    """The collection with this id or name; case, accents and whitespace in names are ignored."""
    for collection in items.collections():
        if collection.ident == name or fold(collection.name) == fold(name):
            return collection
    return None


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
