"""What readers keep of a paper follows it when the library knows it by another key than before.

Items that devices hand in are renamed as they come (:func:`rename_writes`); those that an account has kept for long,
by a task (:func:`move_items`). A browser without an account is told by the cards of its own page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from coolpapers.papers.lookup.former_keys import surviving_keys
from coolpapers.papers.models import Paper
from coolpapers.people.models import Item, Shelf
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.sync import PAGE, sync_items
from coolpapers.people.state.writes import Write

_OF_PAPERS = (Kind.STAR, Kind.HIDE, Kind.READ, Kind.NOTE)  # kinds whose key is a paper's


def paper_of(kind: str, key: str) -> str:
    """The paper that an item is about; "" for items about none."""
    if kind == Kind.MEMBER:
        return key.partition("/")[2]
    return key if kind in _OF_PAPERS else ""


def rename_writes(writes: Sequence[Write]) -> list[Write]:
    """The writes, those about a paper with another key now under that key; the old one is deleted just after."""
    names = surviving_keys(filter(None, (paper_of(write.kind, write.key) for write in writes)))
    renamed = []
    for write in writes:
        name = names.get(paper_of(write.kind, write.key))
        if name is None:
            renamed.append(write)
        else:
            renamed += [replace(write, key=_under(write, name)), _removal(write)]
    return renamed


def keep_all(user: User, writes: Sequence[Write]) -> int:
    """Keep what a file brings in an account, each where it was written after the account's; how many items changed."""
    shelf = Shelf.objects.filter(user_id=user.pk).first()
    before = reached = shelf.revision if shelf else 0
    for start in range(0, len(writes), PAGE):
        reached = sync_items(user, rename_writes(writes[start : start + PAGE]), cursor=reached).cursor
    return reached - before


def move_items() -> int:
    """Move what accounts keep under papers' former keys; how many items were moved. Run twice, it finds nothing."""
    n_moved = 0
    for user_id, items in _strays().items():
        names = surviving_keys(paper_of(item.kind, item.key) for item in items)
        moved = [item for item in items if paper_of(item.kind, item.key) in names]
        if not moved:
            continue
        writes = list(_moves(user_id, moved, names))
        shelf = Shelf.objects.filter(user_id=user_id).first()
        sync_items(User.objects.get(pk=user_id), writes, cursor=shelf.revision if shelf else 0)
        n_moved += len(moved)
    return n_moved


def _strays() -> dict[int, list[Write]]:
    """Items, by account, about papers that the library has not under their key."""
    own = Paper.objects.filter(key=OuterRef("key"))
    rows = list(Item.objects.filter(kind__in=_OF_PAPERS, deleted=False).exclude(Exists(own)))
    members = Item.objects.kept(Kind.MEMBER)
    unknown = {paper_of(Kind.MEMBER, key) for key in members.values_list("key", flat=True).iterator()}
    names = surviving_keys(unknown)
    rows += [row for row in members.iterator() if paper_of(Kind.MEMBER, row.key) in names] if names else []
    strays: dict[int, list[Write]] = {}
    for row in rows:
        strays.setdefault(row.user_id, []).append(Write(row.kind, row.key, row.changed, row.value))
    return strays


def _moves(user_id: int, items: Iterable[Write], names: Mapping[str, str]) -> Iterable[Write]:
    """What is kept under the new key already stays; of two notes both texts do."""
    for item in items:
        key = _under(item, names[paper_of(item.kind, item.key)])
        yield _removal(item)
        there = Item.objects.filter(user_id=user_id, kind=item.kind, key=key).first()
        if there is None or (there.deleted and there.changed < item.changed):
            yield replace(item, key=key)
        elif not there.deleted and (value := join_values(there.value, item.value)) != there.value:
            yield Write(item.kind, key, max(item.changed, there.changed) + 1, value)


def join_values(kept: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The value kept, with the other one's text (of a note, or a note in a collection) below its own."""
    joined = dict(kept)
    for name in ("text", "note"):
        own, other = str(kept.get(name) or ""), str(more.get(name) or "")
        if other and other not in own:
            joined[name] = f"{own}\n\n{other}" if own else other
    return joined


def _under(item: Write, paper: str) -> str:
    return f"{item.key.partition('/')[0]}/{paper}" if item.kind == Kind.MEMBER else paper


def _removal(item: Write) -> Write:
    return Write(item.kind, item.key, item.changed + 1, deleted=True)
