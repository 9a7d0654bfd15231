"""Links that share a list of papers.

The link to an account's collection holds a token, which the owner can revoke (:class:`SharedCollection`). Without an
account the server stores nothing and the link itself lists the papers: in its path if all have short ids, otherwise in
its fragment (after ``#``), which browsers do not send.
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

MAX_IN_PATH = min(50, MAX_CHOSEN)  # papers; some 600 characters, which every program accepts
MAX_IN_FRAGMENT = 1_000  # papers


def papers_link(keys: Sequence[str], *, name: str) -> str:
    """A path whose page shows the papers with these keys."""
    if 0 < len(keys) <= MAX_IN_PATH:
        idents = dict(Paper.objects.filter(key__in=list(keys)).exclude(arxiv_id="").values_list("key", "arxiv_id"))
        if len(idents) == len(set(keys)):
            return reverse("papers:show_arxiv", args=[",".join(idents[key] for key in keys)])
    fragment = urlencode({"name": name, "keys": "\n".join(keys[:MAX_IN_FRAGMENT])})
    return f"{reverse('collections:show_named')}#{fragment}"


def parse_fragment(fragment: str) -> tuple[str, list[str]]:
    """The name and the keys in the fragment of a link."""
    fields = parse_qs(fragment.removeprefix("#"), max_num_fields=10)
    keys = [key for key in "\n".join(fields.get("keys", [])).replace("\0", "").split("\n") if key]
    return clean_name(" ".join(fields.get("name", []))), list(dict.fromkeys(keys))[:MAX_IN_FRAGMENT]


def find_shared(token: str) -> tuple[SharedCollection, Collection] | None:
    """The collection of a token; None if the link was revoked, or the collection or its owner was deleted."""
    shared = SharedCollection.objects.filter(token=token, user__is_active=True).select_related("user").first()
    if shared is None:
        return None
    collection = Items(account_writes(shared.user), now=shared.created_at).collection(shared.collection)
    return (shared, collection) if collection is not None else None


def owner_name(user: User) -> str:
    """The owner's name on a shared page: the full name, never the user name."""
    return user.get_full_name().strip()
