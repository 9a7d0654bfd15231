"""Links that let others read a list of papers.

An account's collection is read at a token, which the owner can take back (:class:`SharedCollection`). Without an
account nothing is kept here: the link itself carries the papers, as the address of chosen papers where they have
short names, else behind ``#``, which browsers do not send.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from coolpapers.papers.models import Paper
from coolpapers.papers.pages.views import MAX_CHOSEN
from coolpapers.people.models import SharedCollection
from coolpapers.people.state.items import Collection, Items, clean_name
from coolpapers.people.state.storage import account_writes

MAX_NAMED = min(50, MAX_CHOSEN)  # papers in an address proper: some 600 characters, which every program takes
MAX_SHARED = 1_000  # papers behind a number sign


def link_of_keys(keys: Sequence[str], *, name: str) -> str:
    """A path that shows the papers with these keys to whoever has it."""
    if 0 < len(keys) <= MAX_NAMED:
        idents = dict(Paper.objects.filter(key__in=list(keys)).exclude(arxiv_id="").values_list("key", "arxiv_id"))
        if len(idents) == len(set(keys)):
            return reverse("papers:show_arxiv", args=[",".join(idents[key] for key in keys)])
    named = urlencode({"name": name, "keys": "\n".join(keys[:MAX_SHARED])})
    return f"{reverse('collections:show_named')}#{named}"


def read_named(fragment: str) -> tuple[str, list[str]]:
    """Name and keys of what stands behind ``#``."""
    fields = parse_qs(fragment.removeprefix("#"), max_num_fields=10)
    keys = [key for key in "\n".join(fields.get("keys", [])).replace("\0", "").split("\n") if key]
    return clean_name(" ".join(fields.get("name", []))), list(dict.fromkeys(keys))[:MAX_SHARED]


def find_shared(token: str) -> tuple[SharedCollection, Collection] | None:
    """The collection that a token lets read; None where it was taken back or deleted, or its owner is gone."""
    shared = SharedCollection.objects.filter(token=token, user__is_active=True).select_related("user").first()
    if shared is None:
        return None
    one = Items(account_writes(shared.user), now=shared.created_at).collection(shared.collection)
    return (shared, one) if one is not None else None


def owner_name(user: User) -> str:
    """How a shared page names its owner: not by the name that signs in."""
    return user.get_full_name().strip()
