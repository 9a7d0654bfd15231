"""Where the devices of one reader meet: each hands in its writes and takes what it has not seen.

Every item keeps its last write, by the clock of the device that wrote it; a removed item stays as a tombstone. A
device takes what it is told as it is, unless it wrote the item again in the meantime, and hands that in the next
time. So whatever the order of writes and visits, devices that have handed in all they wrote and then asked hold
the same items. Start at :func:`sync_items`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from coolpapers.people.models import Item, Shelf
from coolpapers.people.state.writes import Refusal, Write

PAGE = 500  # items in one answer beside those handed in, and writes in one request
MAX_ITEMS = 500_000  # of one account; a hundred papers a day hidden or opened for more than ten years


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What a device is to take over, and up to which revision it then knows everything."""

    items: tuple[Write, ...]
    cursor: int
    has_more: bool
    is_reset: bool  # the device knows revisions that this server never gave: it is to hand in everything again
    refusals: tuple[Refusal, ...] = ()


def sync_items(
    user: AbstractBaseUser, writes: Sequence[Write], *, cursor: int, max_items: int = MAX_ITEMS
) -> SyncAnswer:
    """Keep the writes that are the last of their items; answer with what the device does not know.

    Parameters
    ----------
    writes : at most :data:`PAGE`, checked (:func:`coolpapers.people.state.writes.read_writes`)
    cursor : the revision up to which the device knows everything; 0 for a new one

    The answer holds the state of every item handed in, whoever wrote it last, and a page of those above ``cursor``.
    """
    with transaction.atomic():
        shelf = Shelf.objects.select_for_update().get_or_create(user_id=user.pk)[0]
        is_reset = cursor > shelf.revision
        known, refusals = _keep(user, shelf, writes, max_items=max_items)
        start = 0 if is_reset else cursor
        page = list(Item.objects.filter(user_id=user.pk, revision__gt=start).order_by("revision")[: PAGE + 1])
    has_more, page = len(page) > PAGE, page[:PAGE]
    known |= {(item.kind, item.key): _write_of(item) for item in page}
    reached = page[-1].revision if has_more else shelf.revision
    return SyncAnswer(tuple(known.values()), reached, has_more, is_reset, tuple(refusals))


def _keep(
    user: AbstractBaseUser, shelf: Shelf, writes: Sequence[Write], *, max_items: int
) -> tuple[dict[tuple[str, str], Write], list[Refusal]]:
    """The state of every item written, after the writes that win are kept."""
    latest: dict[tuple[str, str], Write] = {}
    for write in writes:
        if write.ident not in latest or write.rank > latest[write.ident].rank:
            latest[write.ident] = write
    rows = Item.objects.filter(user_id=user.pk, key__in={key for _kind, key in latest})
    known = {(row.kind, row.key): _write_of(row) for row in rows}
    winners = [write for ident, write in latest.items() if ident not in known or write.rank > known[ident].rank]
    new = [write for write in winners if write.ident not in known]
    refusals: list[Refusal] = []
    if new and Item.objects.filter(user_id=user.pk).count() + len(new) > max_items:
        reason = _("The account has reached its limit of %(limit)d items.") % {"limit": max_items}
        refusals = [Refusal(write.kind, write.key, reason) for write in new]
        winners = [write for write in winners if write.ident in known]
    _store(user, shelf, winners)
    state = known | {write.ident: write for write in winners}
    return {ident: state[ident] for ident in latest if ident in state}, refusals


def _store(user: AbstractBaseUser, shelf: Shelf, winners: Sequence[Write]) -> None:
    if not winners:
        return
    first = shelf.revision + 1
    shelf.revision += len(winners)
    shelf.save(update_fields=["revision"])
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
            for revision, write in enumerate(winners, first)
        ],
        update_conflicts=True,
        unique_fields=["user", "kind", "key"],
        update_fields=["value", "changed", "deleted", "revision"],
    )


def _write_of(item: Item) -> Write:
    return Write(item.kind, item.key, item.changed, item.value, item.deleted)
