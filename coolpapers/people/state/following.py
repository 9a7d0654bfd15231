"""Stars, notes and members of collections go along when papers are joined, and return when they are parted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from coolpapers.papers.models import Paper
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.renamed_keys import PAPER_KINDS, join_values, renamed_key, tombstone_of
from coolpapers.people.state.sync import PAGE, current_revision, sync_items
from coolpapers.people.state.writes import Write


class ItemFollower:
    """Moves the items of a paper to the key of the other one.

    The JSON that :meth:`join` returns is a list of rows: the account, the item as it was (kind, key, changed, value),
    and the value of the account's item under the other key, or None if there was none.
    """

    name = "items"

    def join(self, paper_id: int, *, into: int) -> Any:
        """Move the items of a paper; of two notes the texts are joined."""
        former, present = _key(paper_id), _key(into)
        moved: list[list[Any]] = []
        writes: dict[int, list[Write]] = {}
        rows = list(_items_of(former))
        beside = _beside(rows, present)
        for row in rows:
            item = Write(row.kind, row.key, row.changed, row.value)
            other = beside.get((row.user_id, row.kind, renamed_key(item, present)))
            value = None if other is None or other.deleted else other.value
            moved.append([row.user_id, item.kind, item.key, item.changed, item.value, value])
            writes.setdefault(row.user_id, []).extend(_joining(item, other, present))
        _sync(writes)
        return moved

    def part(self, paper_id: int, *, of: int, kept: Any) -> None:
        """Return what :meth:`join` moved, under the key of the parted paper, unless the reader has removed it since.

        An item that the reader has changed since stays with the joined paper too, so that nothing is lost.
        """
        present, own = _key(of), _key(paper_id)
        rows = [
            (user_id, Write(kind, key, changed, value), other) for user_id, kind, key, changed, value, other in kept
        ]
        items = [(user_id, replace(item, key=renamed_key(item, own)), other) for user_id, item, other in rows]
        users = set(User.objects.filter(pk__in={user_id for user_id, _, _ in items}).values_list("pk", flat=True))
        found = Item.objects.filter(user__in=users, key__in={renamed_key(item, present) for _, item, _ in items})
        here = {(row.user_id, row.kind, row.key): row for row in found}
        writes: dict[int, list[Write]] = {}
        for user_id, item, other in items:
            row = here.get((user_id, item.kind, renamed_key(item, present)))
            if row is not None and not row.deleted:
                writes.setdefault(user_id, []).extend(_parting(item, other, row))
        _sync(writes)


def _joining(item: Write, other: Item | None, present: str) -> Iterable[Write]:
    """Writes that move an item to the present key, where the account may have an item already."""
    key = renamed_key(item, present)
    yield tombstone_of(item)
    if other is None or other.deleted:
        changed = item.changed if other is None else max(item.changed, other.changed + 1)
        yield Write(item.kind, key, changed, item.value)
    elif (value := join_values(other.value, item.value)) != other.value:
        yield Write(item.kind, key, max(item.changed, other.changed) + 1, value)


def _parting(item: Write, other: Mapping[str, Any] | None, row: Item) -> Iterable[Write]:
    """Writes that return an item; ``other`` is the value that ``row`` had before the papers were joined."""
    changed = max(row.changed, item.changed + 1) + 1  # later than the tombstone of the former key
    joined = dict(item.value) if other is None else join_values(other, item.value)
    is_unchanged = row.value == joined
    if other is None:
        yield Write(item.kind, item.key, changed, row.value)
        if is_unchanged:
            yield Write(item.kind, row.key, changed, deleted=True)
    else:
        yield Write(item.kind, item.key, changed, item.value)
        if is_unchanged and row.value != other:
            yield Write(item.kind, row.key, changed, dict(other))


def _key(paper_id: int) -> str:
    return str(Paper.objects.values_list("key", flat=True).get(pk=paper_id))


def _items_of(key: str) -> Iterable[Item]:
    member = Q(kind=Kind.MEMBER, key__endswith=f"/{key}")
    return Item.objects.filter(Q(kind__in=PAPER_KINDS, key=key) | member, deleted=False).order_by("pk")


def _beside(rows: Iterable[Item], present: str) -> dict[tuple[int, str, str], Item]:
    """The accounts' items under the present key."""
    keys = {renamed_key(Write(row.kind, row.key, row.changed), present) for row in rows}
    found = Item.objects.filter(key__in=keys, user__in={row.user_id for row in rows})
    return {(row.user_id, row.kind, row.key): row for row in found}


def _sync(writes: Mapping[int, list[Write]]) -> None:
    users = User.objects.in_bulk(list(writes))
    for user_id, user in users.items():
        for start in range(0, len(writes[user_id]), PAGE):
            sync_items(user, writes[user_id][start : start + PAGE], cursor=current_revision(user_id))
