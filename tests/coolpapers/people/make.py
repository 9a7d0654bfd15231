"""Accounts and their items, made for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.auth.models import User

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind

_numbers = count(1)


def make_user(name: str = "", *, password: str | None = None) -> User:
    return User.objects.create_user(name or f"reader{next(_numbers)}", password=password)


def keep(user: User, kind: Kind, key: str, **fields: Any) -> Item:
    """An item as the user's devices would have left it."""
    number = next(_numbers)
    return Item.objects.create(
        **{"user": user, "kind": kind, "key": key, "changed": number, "revision": number, **fields}
    )
