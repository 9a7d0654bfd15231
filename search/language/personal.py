"""Personal flags of a query: ``is:``, ``in:`` and ``note:``, which only the reader's own data can answer.

This package recognises them. The site resolves them (``coolpapers.finding.flags``).
"""

from __future__ import annotations

from search.language.parser import parse_leniently
from search.language.query import Flag, Fuzzy, Node, Phrase, Prefix, Term, walk


def flag_of(node: Node) -> Flag | None:
    """The node as a personal flag (``note:word`` is one too); None for a node that engines answer."""
    match node:
        case Flag(kind) if kind != "has":
            return node
        case Term(text, "note") | Phrase(text, "note") | Prefix(text, "note") | Fuzzy(text, "note"):
            return Flag("note", text)
        case _:
            return None


def flag_name(flag: Flag) -> str:
    """``is:starred``."""
    return f"{flag.kind}:{flag.value}"


def personal_flags(text: str) -> list[str]:
    """Names of the personal flags in a query, without duplicates."""
    flags = (flag_of(node) for node in walk(parse_leniently(text).root))
    return list(dict.fromkeys(flag_name(flag) for flag in flags if flag is not None))
