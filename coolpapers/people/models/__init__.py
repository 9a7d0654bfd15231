"""Tables of readers: items, e-mail alerts, shared collections, identities at a sign-in server, used invitations."""

from __future__ import annotations

from coolpapers.people.models.alerts import AlertState, OpenMail, SentPaper
from coolpapers.people.models.identities import ProviderIdentity
from coolpapers.people.models.invitations import UsedInvitation
from coolpapers.people.models.items import Item, ItemQuerySet, SyncCounter
from coolpapers.people.models.sharing import SharedCollection

__all__ = [
    "AlertState",
    "Item",
    "ItemQuerySet",
    "OpenMail",
    "ProviderIdentity",
    "SentPaper",
    "SharedCollection",
    "SyncCounter",
    "UsedInvitation",
]
