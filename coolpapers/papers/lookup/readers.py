"""What lists ask of readers: how often papers are starred, and in which order this reader would have them.

The catalogue and the search know no accounts. A layer above does, and the setting READERS names its class
(docs/decisions/0008-readers-are-asked-through-a-setting.md). Start at :class:`Readers`, the contract.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from search.base.backends import BackendHandler

# Sorts that ask readers, by the name in the address; every list has them beside its own.
READER_SORTS = {
    "stars": gettext_lazy("★ Stars"),
    "preference": gettext_lazy("♥ For me"),
}
# Papers that a preference puts in order: the first of the list. What comes after keeps the list's order, so that
# nothing is lost; scoring 2,000 takes some 20 ms.
PREFERENCE_DEPTH = 2_000


@dataclass(frozen=True, slots=True)
class Preferred:
    """The keys of a list in a reader's order: all of them, each once. ``notes`` say what could not be done."""

    keys: Sequence[str]
    notes: tuple[str, ...] = ()


class Readers:
    """The contract, and what holds where nobody is known: no stars, no preference."""

    def count_stars(self, keys: Collection[str]) -> Mapping[str, int]:  # noqa: ARG002
        """How many readers starred each of the papers; those that nobody did may be missing."""
        return {}

    def starred_keys(self) -> Collection[str]:
        """Every paper that somebody starred."""
        return ()

    def most_starred(self, *, since: datetime, n_at_most: int) -> Sequence[str]:  # noqa: ARG002
        """The papers that most readers have starred since then, most first; none that one reader alone starred."""
        return ()

    def order(self, request: HttpRequest, keys: Sequence[str]) -> Preferred:  # noqa: ARG002
        """Papers in the order of the reader who asks; as they came where nothing is known of this reader."""
        return Preferred(keys)


readers: BackendHandler[Readers] = BackendHandler("READERS")


def current_readers() -> Readers:
    return readers["default"]


def most_starred_first(keys: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The keys by how often they are starred; equal ones keep their order."""
    return sorted(keys, key=lambda key: -counts.get(key, 0))
