"""Personal flags of a query (``is:starred``, ``in:thesis``, ``note:word``), replaced by the papers they stand for.

Search knows the flags' syntax (:mod:`search.language.personal`); the setting SEARCH_FLAG_RESOLVER names the function
that knows the reader.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from search.language.personal import flag_name, flag_of
from search.language.query import And, Flag, Node, Not, Or

# Returns the condition that a flag stands for, None for a flag that it does not know.
FlagResolver = Callable[[Flag], Node | None]


def resolver_of(request: HttpRequest) -> FlagResolver | None:
    """The resolver for the reader of a request; None where nothing is known of the reader."""
    resolver: FlagResolver | None = import_string(settings.SEARCH_FLAG_RESOLVER)(request)
    return resolver


def resolve_flags(root: Node, resolve: FlagResolver | None, notes: list[str]) -> Node:
    """The tree with its personal flags replaced. An unknown flag stays, matches nothing, and adds a note."""
    match root:
        case And(children):
            return And(tuple(resolve_flags(child, resolve, notes) for child in children))
        case Or(children):
            return Or(tuple(resolve_flags(child, resolve, notes) for child in children))
        case Not(child):
            return Not(resolve_flags(child, resolve, notes))
    flag = flag_of(root)
    if flag is None:
        return root
    condition = resolve(flag) if resolve else None
    if condition is None:
        notes.append(_("No data for “%(flag)s” here.") % {"flag": flag_name(flag)})
    return condition or flag
