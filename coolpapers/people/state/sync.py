"""Sync of a reader's devices: each sends its writes and receives what it has not seen.

For each item the last write wins, by the clock of the device that wrote it; deleted items stay as tombstones. A device
accepts the server's state of an item unless it has written the item again in the meantime; it sends that write the next
time. So the order of writes and requests does not matter: devices that have sent all their writes and then synced hold
the same items. Start at :func:`sync_items`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from coolpapers.people.models import Item, SyncCounter
from coolpapers.people.state.writes import Refusal, Write

PAGE = 500  # most writes per request, and most items per answer besides those sent
MAX_ITEMS = 500_000  # per account; a hundred papers hidden or opened each day for more than ten years


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """The items that a device must accept, and the revision up to which it is then complete."""

    items: tuple[Write, ...]
    cursor: int
    has_more: bool
    is_reset: bool  # the device's cursor is beyond the server's revision: it must send everything again
    refusals: tuple[Refusal, ...] = ()


def sync_items(
    user: AbstractBaseUser, writes: Sequence[Write], *, cursor: int, max_items: int = MAX_ITEMS
) -> SyncAnswer:
    """Store the writes that win; answer with the items that the device has not seen. Idempotent.

    Parameters
    ----------
    writes : at most :data:`PAGE`, validated (:func:`coolpapers.people.state.writes.read_writes`)
    cursor : the revision up to which the device is complete; 0 for a new one

    The answer holds the present state of every item sent and a page of the items above ``cursor``.
    """
    with transaction.atomic():
        counter = SyncCounter.objects.select_for_update().get_or_create(user_id=user.pk)[0]
        is_reset = cursor > counter.revision
        state, refusals = _apply(user, counter, writes, max_items=max_items)
        start = 0 if is_reset else cursor
        page = list(Item.objects.filter(user_id=user.pk, revision__gt=start).order_by("revision")[: PAGE + 1])
    has_more, page = len(page) > PAGE, page[:PAGE]
    state |= {(item.kind, item.key): _write_of(item) for item in page}
    new_cursor = page[-1].revision if has_more else counter.revision
    return SyncAnswer(tuple(state.values()), new_cursor, has_more, is_reset, tuple(refusals))


def current_revision(user_id: int) -> int:
    """The revision of the account's last write; 0 if there is none."""
    return SyncCounter.objects.filter(user_id=user_id).values_list("revision", flat=True).first() or 0


def _apply(
    user: AbstractBaseUser, counter: SyncCounter, writes: Sequence[Write], *, max_items: int
) -> tuple[dict[tuple[str, str], Write], list[Refusal]]:
    """Store the writes that win; return the state of every item written, and the refused writes."""
    latest: dict[tuple[str, str], Write] = {}
    for write in writes:
        if write.ident not in latest or write.rank > latest[write.ident].rank:
            latest[write.ident] = write
    rows = Item.objects.filter(user_id=user.pk, key__in={key for _kind, key in latest})
    stored = {(row.kind, row.key): _write_of(row) for row in rows}
    winners = [write for ident, write in latest.items() if ident not in stored or write.rank > stored[ident].rank]
    new = [write for write in winners if write.ident not in stored]
    refusals: list[Refusal] = []
    if new and Item.objects.filter(user_id=user.pk).count() + len(new) > max_items:
        reason = _("The account has reached its limit of %(limit)d items.") % {"limit": max_items}
        refusals = [Refusal(write.kind, write.key, reason) for write in new]
        winners = [write for write in winners if write.ident in stored]
    _store(user, counter, winners)
    state = stored | {write.ident: write for write in winners}
    return {ident: state[ident] for ident in latest if ident in state}, refusals


def _store(user: AbstractBaseUser, counter: SyncCounter, writes: Sequence[Write]) -> None:
    if not writes:
        return
    first = counter.revision + 1
    counter.revision += len(writes)
    counter.save(update_fields=["revision"])
    Item.objects.bulk_create(
        [
            Item(
                user_id=user.pk,
                kind=write.kind,
                key=write.key,
                value=write.value,
                changed=write.changed,
                deleted=write.deleted,
                revision=revision,
            )
            for revision, write in enumerate(writes, first)
        ],
        update_conflicts=True,
        unique_fields=["user", "kind", "key"],
        update_fields=["value", "changed", "deleted", "revision"],
    )


def _write_of(item: Item) -> Write:
    return Write(item.kind, item.key, item.changed, item.value, item.deleted)
