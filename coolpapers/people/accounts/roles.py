"""The roles of accounts: readers, librarians and administrators.

Librarians are staff in Django's terms: they enter ``/admin/`` and decide for the site. They may change the library but
not accounts, tokens or other readers' data; only administrators may.
"""

from __future__ import annotations

from enum import Enum

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

LIBRARIANS = "Librarians"  # the group
# Applications whose tables librarians may change.
LIBRARY_APPS = ("papers", "reading", "feeding")


class Role(Enum):
    READER = "reader"
    LIBRARIAN = "librarian"
    ADMIN = "admin"


def role_of(user: User) -> Role:
    if user.is_superuser:
        return Role.ADMIN
    return Role.LIBRARIAN if user.is_staff else Role.READER


@transaction.atomic
def set_role(user: User, role: Role) -> None:
    """Store the role of an account."""
    user.is_staff, user.is_superuser = role is not Role.READER, role is Role.ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    group, _is_new = Group.objects.get_or_create(name=LIBRARIANS)
    if role is Role.LIBRARIAN:
        group.permissions.set(Permission.objects.filter(content_type__app_label__in=LIBRARY_APPS))
        user.groups.add(group)
    else:
        user.groups.remove(group)
