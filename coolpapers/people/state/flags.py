"""What ``is:starred``, ``is:unread``, ``in:<collection>`` and ``note:word`` mean for the reader who asks.

With an account they are looked up among its items. Without one the browser sends, with this one request, the keys
that each flag of the query stands for (``flags``, a JSON object); nothing of it is kept. Start at
:func:`resolver_for`, which the setting SEARCH_FLAG_RESOLVER names.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.http import HttpRequest

from coolpapers.finding.flags import FlagResolver
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.selectors import kept_keys
from search.language.personal import flag_name
from search.language.query import And, Everything, Flag, Keys, Node, Not

_KINDS = {"starred": Kind.STAR, "read": Kind.READ, "unread": Kind.READ, "hidden": Kind.HIDE}


def resolver_for(request: HttpRequest) -> FlagResolver | None:
    """Resolves flags by what came with the request, else by the reader's account; None where there is neither."""
    if request.method == "POST":
        sent = _read_sent(request.POST.get("flags", ""))
        return lambda flag: _node(flag, sent[flag_name(flag)]) if flag_name(flag) in sent else None
    if request.user.is_authenticated:
        return resolver_of(request.user)
    return None


def resolver_of(user: User) -> FlagResolver:
    """Resolves flags by the items of an account."""
    return lambda flag: _look_up(user, flag)


def _look_up(user: User, flag: Flag) -> Node | None:
    if flag.kind == "is":
        return _node(flag, kept_keys(user, _KINDS[flag.value]))
    if flag.kind == "note":
        rows = Item.objects.kept(Kind.NOTE).filter(user=user).values_list("key", "value__text")
        return _node(flag, (key for key, text in rows if is_in_note(flag.value, str(text or ""))))
    found = _members(user, flag.value)
    return None if found is None else _node(flag, found)


def _node(flag: Flag, keys: Iterable[str]) -> Node:
    """Papers with these keys; for ``is:unread``, which stands for what has no mark, all others."""
    found = Keys(frozenset(keys))
    return And((Everything(), Not(found))) if flag_name(flag) == "is:unread" else found


def _members(user: User, name: str) -> set[str] | None:
    """Paper keys of the collections of that name (case does not matter) or id; None where there is none."""
    collections = Item.objects.kept(Kind.COLLECTION).filter(user=user).values_list("key", "value__name")
    idents = {ident for ident, title in collections if fold(name) in (fold(str(title or "")), fold(ident))}
    if not idents:
        return None
    keys = Item.objects.kept(Kind.MEMBER).filter(user=user).values_list("key", flat=True)
    pairs = (key.partition("/") for key in keys)
    return {paper for ident, _slash, paper in pairs if ident in idents}


def is_in_note(wanted: str, text: str) -> bool:
    """Whether a note holds the words next to each other; case and accents do not matter."""
    return fold(wanted) in fold(text)


def fold(text: str) -> str:
    """Lower case, without marks, one space between words: the same as ``fold`` of static/js/cards/flags.js."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))
    return " ".join(kept.lower().split())


def _read_sent(text: str) -> dict[str, frozenset[str]]:
    """Keys by flag, as the browser sends them; what has another form is left out, and its flag noted as unknown."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(sent, dict):
        return {}
    return {
        name: frozenset(key for key in keys if isinstance(key, str) and "\0" not in key)
        for name, keys in sent.items()
        if isinstance(keys, list)
    }
