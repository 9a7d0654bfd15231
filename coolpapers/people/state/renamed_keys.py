"""Move items of a paper to its present key when the library has given the paper another key.

Writes from devices are renamed on arrival (:func:`rename_writes`); stored items are renamed by a task
(:func:`rename_items`). Browsers without an account learn new keys from the cards of the personal page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from coolpapers.papers.lookup.former_keys import surviving_keys
from coolpapers.papers.models import Paper
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.sync import PAGE, current_revision, sync_items
from coolpapers.people.state.writes import Write

PAPER_KINDS = (Kind.STAR, Kind.HIDE, Kind.READ, Kind.NOTE)  # kinds whose key is a paper's


def paper_of(kind: str, key: str) -> str:
    """The key of the paper that an item is about; "" if it is about none."""
    if kind == Kind.MEMBER:
        return key.partition("/")[2]
    return key if kind in PAPER_KINDS else ""


def rename_writes(writes: Sequence[Write]) -> list[Write]:
    """The writes with present paper keys; each renamed write is followed by a tombstone of the former key."""
    new_keys = surviving_keys(filter(None, (paper_of(write.kind, write.key) for write in writes)))
    renamed = []
    for write in writes:
        new_key = new_keys.get(paper_of(write.kind, write.key))
        if new_key is None:
            renamed.append(write)
        else:
            renamed += [replace(write, key=renamed_key(write, new_key)), tombstone_of(write)]
    return renamed


def import_writes(user: User, writes: Sequence[Write]) -> int:
    """Save the writes of a file in an account where they are later than the stored ones; the number of changes."""
    first_revision = cursor = current_revision(user.pk)
    for start in range(0, len(writes), PAGE):
        cursor = sync_items(user, rename_writes(writes[start : start + PAGE]), cursor=cursor).cursor
    return cursor - first_revision


def rename_items() -> int:
    """Move stored items from former to present keys of papers; the number of moved items. Idempotent."""
    n_moved = 0
    for user_id, items in _items_under_former_keys().items():
        new_keys = surviving_keys(paper_of(item.kind, item.key) for item in items)
        renamed = [item for item in items if paper_of(item.kind, item.key) in new_keys]
        if not renamed:
            continue
        writes = list(_renaming_writes(user_id, renamed, new_keys))
        sync_items(User.objects.get(pk=user_id), writes, cursor=current_revision(user_id))
        n_moved += len(renamed)
    return n_moved


def _items_under_former_keys() -> dict[int, list[Write]]:
    """Items, by account, of papers that the library does not have under the item's key."""
    papers = Paper.objects.filter(key=OuterRef("key"))
    rows = list(Item.objects.filter(kind__in=PAPER_KINDS, deleted=False).exclude(Exists(papers)))
    members = Item.objects.active(Kind.MEMBER)
    member_papers = {paper_of(Kind.MEMBER, key) for key in members.values_list("key", flat=True).iterator()}
    new_keys = surviving_keys(member_papers)
    if new_keys:
        rows += [row for row in members.iterator() if paper_of(Kind.MEMBER, row.key) in new_keys]
    by_user: dict[int, list[Write]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(Write(row.kind, row.key, row.changed, row.value))
    return by_user


def _renaming_writes(user_id: int, items: Iterable[Write], new_keys: Mapping[str, str]) -> Iterable[Write]:
    """Writes that move the items. An item under the new key is kept; the texts of two notes are joined."""
    for item in items:
        key = renamed_key(item, new_keys[paper_of(item.kind, item.key)])
        yield tombstone_of(item)
        existing = Item.objects.filter(user_id=user_id, kind=item.kind, key=key).first()
        if existing is None or (existing.deleted and existing.changed < item.changed):
            yield replace(item, key=key)
        elif not existing.deleted and (value := join_values(existing.value, item.value)) != existing.value:
            yield Write(item.kind, key, max(item.changed, existing.changed) + 1, value)


def join_values(kept: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """The value ``kept``, with the text of ``added`` (of a note, or a note in a collection) appended to its own."""
    joined = dict(kept)
    for name in ("text", "note"):
        text, added_text = str(kept.get(name) or ""), str(added.get(name) or "")
        if added_text and added_text not in text:
            joined[name] = f"{text}\n\n{added_text}" if text else added_text
    return joined


def renamed_key(item: Write, paper: str) -> str:
    return f"{item.key.partition('/')[0]}/{paper}" if item.kind == Kind.MEMBER else paper


def tombstone_of(item: Write) -> Write:
    return Write(item.kind, item.key, item.changed + 1, deleted=True)
