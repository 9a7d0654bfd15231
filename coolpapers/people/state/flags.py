"""Resolve the personal flags of a query: ``is:starred``, ``is:unread``, ``in:<collection>``, ``note:word``.

For an account the items are looked up. Other browsers send the keys of each flag of the query with the request
(``flags``, a JSON object), and the server does not store them. Start at :func:`resolver_for`, which the setting
SEARCH_FLAG_RESOLVER names.
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
from coolpapers.people.state.selectors import item_keys
from search.language.personal import flag_name
from search.language.query import And, Everything, Flag, Keys, Node, Not

_KINDS = {"starred": Kind.STAR, "read": Kind.READ, "unread": Kind.READ, "hidden": Kind.HIDE}


def resolver_for(request: HttpRequest) -> FlagResolver | None:
    """Resolves flags by the keys posted with the request, or else by the account; None without both."""
    if request.method == "POST":
        posted = _parse_keys(request.POST.get("flags", ""))
        return lambda flag: _node(flag, posted[flag_name(flag)]) if flag_name(flag) in posted else None
    if request.user.is_authenticated:
        return resolver_of(request.user)
    return None


def resolver_of(user: User) -> FlagResolver:
    """Resolves flags by the items of an account."""
    return lambda flag: _look_up(user, flag)


def _look_up(user: User, flag: Flag) -> Node | None:
    if flag.kind == "is":
        return _node(flag, item_keys(user, _KINDS[flag.value]))
    if flag.kind == "note":
        rows = Item.objects.active(Kind.NOTE).filter(user=user).values_list("key", "value__text")
        return _node(flag, (key for key, text in rows if is_in_note(flag.value, str(text or ""))))
    members = _members(user, flag.value)
    return None if members is None else _node(flag, members)


def _node(flag: Flag, keys: Iterable[str]) -> Node:
    """Papers with these keys; for ``is:unread``, whose keys are those of seen papers, all other papers."""
    matches = Keys(frozenset(keys))
    return And((Everything(), Not(matches))) if flag_name(flag) == "is:unread" else matches


def _members(user: User, name: str) -> set[str] | None:
    """Paper keys of the collections with that id or name (case-insensitive); None if there is none."""
    collections = Item.objects.active(Kind.COLLECTION).filter(user=user).values_list("key", "value__name")
    idents = {ident for ident, title in collections if fold(name) in (fold(str(title or "")), fold(ident))}
    if not idents:
        return None
    keys = Item.objects.active(Kind.MEMBER).filter(user=user).values_list("key", flat=True)
    pairs = (key.partition("/") for key in keys)
    return {paper for ident, _slash, paper in pairs if ident in idents}


def is_in_note(phrase: str, text: str) -> bool:
    """Whether a note contains the phrase; case and accents are ignored."""
    return fold(phrase) in fold(text)


def fold(text: str) -> str:
    """Lower case, without combining marks, single spaces; the same as ``fold`` of static/js/cards/flags.js."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))
    return " ".join(bare.lower().split())


def _parse_keys(text: str) -> dict[str, frozenset[str]]:
    """Keys by flag, as the browser sends them. Invalid parts are dropped; their flags are then noted as unknown."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        name: frozenset(key for key in keys if isinstance(key, str) and "\0" not in key)
        for name, keys in content.items()
        if isinstance(keys, list)
    }
