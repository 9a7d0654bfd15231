"""Read the items of accounts for pages and searches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Max

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind

MIN_STARRERS = 2  # accounts that starred a paper, before a public list names it
Reader = AbstractBaseUser | AnonymousUser


def item_keys(user: Reader, kind: Kind) -> set[str]:
    """Keys of a reader's items of a kind; empty without an account, whose items are in the browser."""
    if user.pk is None:
        return set()
    return set(Item.objects.active(kind).filter(user_id=user.pk).values_list("key", flat=True))


def n_items_among(user: Reader, kind: Kind, keys: Collection[str]) -> int:
    """How many of these papers a reader with an account has an item of the kind for."""
    return len(item_keys(user, kind) & set(keys))


def starred_keys(user: Reader) -> set[str]:
    """Keys of the papers that a reader has starred."""
    return item_keys(user, Kind.STAR)


def star_counts(keys: Iterable[str]) -> dict[str, int]:
    """The number of accounts that have starred each paper; papers without a star are left out."""
    rows = Item.objects.active(Kind.STAR).filter(key__in=list(keys)).values_list("key")
    return dict(rows.annotate(n=Count("pk")).order_by())


def most_starred(*, since: datetime, n_at_most: int) -> list[str]:
    """The papers that most accounts have starred since then, by number of accounts, then by the latest star.

    A paper that one account alone starred is left out: a public list must not tell what one reader does.
    """
    since_ms = int(since.timestamp() * 1000)
    rows = Item.objects.active(Kind.STAR).filter(changed__gte=since_ms).values_list("key")
    counted = rows.annotate(n=Count("pk"), latest=Max("changed")).filter(n__gte=MIN_STARRERS)
    return [key for key, _n, _latest in counted.order_by("-n", "-latest")[:n_at_most]]


def follows_any(user: Reader) -> bool:
    """Whether a reader with an account has saved searches."""
    return Item.objects.active(Kind.SEARCH).filter(user_id=user.pk or 0).exists()


def shelf_keys(user: Reader, shelf: str) -> list[str]:
    """Papers of one list of the personal page (``starred``, ``unread``, ``notes``, ``hidden``), latest first."""
    kind = {"notes": Kind.NOTE, "hidden": Kind.HIDE}.get(shelf, Kind.STAR)
    items = Item.objects.active(kind).filter(user_id=user.pk or 0).order_by("-changed", "key")
    keys = list(items.values_list("key", flat=True))
    seen = item_keys(user, Kind.READ) if shelf == "unread" else set()
    return [key for key in keys if key not in seen]
