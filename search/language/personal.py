"""The parts of a query that only a reader's own marks can answer: ``is:``, ``in:`` and ``note:``.

Search knows that they are personal, not what they stand for: that is given to ``services.search_papers`` as
``resolve_flag``.
"""

from __future__ import annotations

from search.language.parser import parse_leniently
from search.language.query import Flag, Fuzzy, Node, Phrase, Prefix, Term, walk


def flag_of(node: Node) -> Flag | None:
    """The personal flag that a node is (``note:word`` as one, too); None where engines answer it themselves."""
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
    """Names of the personal flags in a query, each once."""
    flags = (flag_of(node) for node in walk(parse_leniently(text).root))
    return list(dict.fromkeys(flag_name(flag) for flag in flags if flag is not None))
