"""Addresses of a list with one filter more or less. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

# What an address says of the place in a list: another list begins at its first paper.
PLACE_PARAMETERS = frozenset({"skip", "start", "paper", "density"})


@dataclass(frozen=True, slots=True)
class ListAddress:
    """The path of a list and the parameters of its address, in order, without the place in it."""

    path: str
    parameters: tuple[tuple[str, str], ...]
    is_rooted: bool = False  # addresses begin with the path, for a page at another one

    @classmethod
    def of(cls, path: str, parameters: QueryDict) -> ListAddress:
        pairs = [(name, value) for name, values in parameters.lists() for value in values]
        return cls(path, tuple(pair for pair in pairs if pair[0] not in PLACE_PARAMETERS))

    def having(self, **changes: str | None) -> str:
        """The address with these parameters instead of all of the same name; None removes them.

        A name that is a keyword of Python is written with ``_`` after it.
        """
        named = {name.removesuffix("_"): value for name, value in changes.items()}
        pairs: list[tuple[str, str]] = []
        for name, value in self.parameters:
            if name not in named:
                pairs.append((name, value))
            elif (new := named.pop(name)) is not None:
                pairs.append((name, new))
                named[name] = None
        pairs += [(name, value) for name, value in named.items() if value is not None]
        return self._write(pairs)

    def rooted(self) -> ListAddress:
        """The same with the path in every address."""
        return replace(self, is_rooted=True)

    def unrooted(self) -> ListAddress:
        return replace(self, is_rooted=False)

    def query(self, *left_out: str) -> str:
        """``?name=value``, without the parameters of some names; "" for none."""
        return self.unrooted().prefix(*left_out)[:-1]

    def prefix(self, *left_out: str) -> str:
        """``?name=value&`` to write more parameters behind, without those of some names.

        Where a page has many links, this is faster than :meth:`having`.
        """
        query = urlencode([pair for pair in self.parameters if pair[0] not in left_out])
        root = self.path if self.is_rooted else ""
        return f"{root}?{query}&" if query else f"{root}?"

    def adding(self, name: str, value: str) -> str:
        """The address with one value more of a parameter, instead of its opposite where that is there."""
        opposite = value.removeprefix("-") if value.startswith("-") else f"-{value}"
        return self._write([*(pair for pair in self.parameters if pair != (name, opposite)), (name, value)])

    def without(self, name: str, value: str) -> str:
        """The address without one value of a parameter."""
        return self._write(pair for pair in self.parameters if pair != (name, value))

    def _write(self, pairs: Iterable[tuple[str, str]]) -> str:
        query = urlencode(list(pairs))
        root = self.path if self.is_rooted or not query else ""
        return f"{root}?{query}" if query else root
