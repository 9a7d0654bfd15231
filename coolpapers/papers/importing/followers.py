"""What hangs on a paper outside of the catalogue, such as summaries, and follows it when papers are joined or parted.

Rooms above register a :class:`Follower` when the site starts; the catalogue knows none of them by name.
"""

from __future__ import annotations

from typing import Any, Protocol


class Follower(Protocol):
    """Moves its rows with papers; called inside the transaction that joins or parts them."""

    name: str

    def join(self, paper_id: int, *, into: int) -> Any:
        """Move what belongs to a paper to the one it becomes part of; return as JSON what :meth:`part` needs."""

    def part(self, paper_id: int, *, of: int, kept: Any) -> None:
        """Give a paper that is parted from another what :meth:`join` moved or kept."""


_followers: dict[str, Follower] = {}


def register_follower(follower: Follower) -> None:
    """Register a follower; one of the same name is replaced."""
    _followers[follower.name] = follower


def join_followers(paper_id: int, *, into: int) -> dict[str, Any]:
    """Have all followers join two papers; what they return, by name."""
    return {name: follower.join(paper_id, into=into) for name, follower in _followers.items()}


def part_followers(paper_id: int, *, of: int, kept: dict[str, Any]) -> None:
    """Have the followers part two papers with what they kept."""
    for name, follower in _followers.items():
        if name in kept:
            follower.part(paper_id, of=of, kept=kept[name])
