"""Read the items of accounts for pages and searches."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind

Reader = AbstractBaseUser | AnonymousUser


def item_keys(user: Reader, kind: Kind) -> set[str]:
    """Keys of a reader's items of a kind; empty without an account, whose items are in the browser."""
    if user.pk is None:
        return set()
    return set(Item.objects.active(kind).filter(user_id=user.pk).values_list("key", flat=True))


def starred_keys(user: Reader) -> set[str]:
    """Keys of the papers that a reader has starred."""
    return item_keys(user, Kind.STAR)


def star_counts(keys: Iterable[str]) -> dict[str, int]:
    """The number of accounts that have starred each paper; papers without a star are left out."""
    rows = Item.objects.active(Kind.STAR).filter(key__in=list(keys)).values_list("key")
    return dict(rows.annotate(n=Count("pk")).order_by())


def shelf_keys(user: Reader, shelf: str) -> list[str]:
    """Papers of one list of the personal page (``starred``, ``unread``, ``notes``, ``hidden``), latest first."""
    kind = {"notes": Kind.NOTE, "hidden": Kind.HIDE}.get(shelf, Kind.STAR)
    items = Item.objects.active(kind).filter(user_id=user.pk or 0).order_by("-changed", "key")
    keys = list(items.values_list("key", flat=True))
    seen = item_keys(user, Kind.READ) if shelf == "unread" else set()
    return [key for key in keys if key not in seen]
