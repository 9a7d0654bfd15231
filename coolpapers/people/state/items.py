"""Collections, saved searches and keywords as the items they are made of, and what changes to them write. Plain Python.

A collection is an item ``collection`` and an item ``member`` for each of its papers; a saved search or keyword is one.
Devices write items on their own, so nothing is taken for granted: a member may have any position, or the same as
another. Every change here gives the writes (:class:`~coolpapers.people.state.writes.Write`) that make it, for an
account and for a browser alike. Start at :class:`Items`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.saved_searches import MAX_NAME, SavedSearch, read_search
from coolpapers.people.state.writes import Write
from search.ranking.preference import MAX_WEIGHT

MAX_NOTE = 20_000  # characters


@dataclass(frozen=True, slots=True)
class Member:
    """A paper of a collection, by its key."""

    key: str
    position: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of papers with a name; members in the reader's order."""

    ident: str
    name: str
    note: str
    members: tuple[Member, ...] = ()

    @property
    def keys(self) -> list[str]:
        return [member.key for member in self.members]

    @property
    def notes(self) -> dict[str, str]:
        return {member.key: member.note for member in self.members if member.note}


@dataclass(frozen=True, slots=True)
class PreferredWord:
    """A word that papers are to have, and how much it counts (1 to 3)."""

    word: str
    weight: int


class Items:
    """What a reader keeps, by kind and key; deleted items are known too, so that a new write comes after theirs."""

    def __init__(self, writes: Iterable[Write], *, now: datetime) -> None:
        self._writes = {write.ident: write for write in writes}
        self._now, self._now_ms = now, int(now.timestamp() * 1000)

    def after(self, writes: Iterable[Write]) -> Items:
        """The items once these writes are kept."""
        merged = Items((), now=self._now)
        merged._writes = self._writes | {write.ident: write for write in writes}
        return merged

    # ---- reading ----

    def collections(self) -> list[Collection]:
        """All collections by name, with their members."""
        members: dict[str, list[Member]] = {}
        for write in self._kept(Kind.MEMBER):
            ident, _, key = write.key.partition("/")
            members.setdefault(ident, []).append(_member(key, write.value))
        found = [_collection(write, members.get(write.key, ())) for write in self._kept(Kind.COLLECTION)]
        return sorted(found, key=lambda one: (one.name.casefold(), one.ident))

    def collection(self, ident: str) -> Collection | None:
        return next((one for one in self.collections() if one.ident == ident), None)

    def searches(self) -> list[SavedSearch]:
        """All saved searches by name."""
        found = [read_search(write.key, write.value, changed=write.changed) for write in self._kept(Kind.SEARCH)]
        return sorted(found, key=lambda one: (one.title.casefold(), one.ident))

    def search(self, ident: str) -> SavedSearch | None:
        return next((one for one in self.searches() if one.ident == ident), None)

    def keywords(self) -> list[PreferredWord]:
        """Preferred words in alphabetical order."""
        found = [PreferredWord(write.key, read_weight(write.value.get("weight"))) for write in self._kept(Kind.KEYWORD)]
        return sorted(found, key=lambda one: (one.word.casefold(), one.word))

    def _kept(self, kind: Kind) -> list[Write]:
        return [write for write in self._writes.values() if write.kind == kind and not write.deleted]

    # ---- changing: collections ----

    def create(self, name: str, *, keys: Sequence[str] = ()) -> list[Write]:
        """A new collection, with papers in order. The first write is the collection's."""
        ident = new_ident()
        papers = [
            self._put(Kind.MEMBER, f"{ident}/{key}", {"position": number, "note": ""})
            for number, key in enumerate(dict.fromkeys(keys), start=1)
        ]
        return [self._put(Kind.COLLECTION, ident, {"name": clean_name(name), "note": ""}), *papers]

    def edit(self, one: Collection, *, name: str, note: str) -> list[Write]:
        value = {
            **self._value(Kind.COLLECTION, one.ident),
            "name": clean_name(name) or one.name,
            "note": note[:MAX_NOTE],
        }
        return [self._put(Kind.COLLECTION, one.ident, value)]

    def delete(self, one: Collection) -> list[Write]:
        """The collection and its members as tombstones."""
        return [
            self._remove(Kind.COLLECTION, one.ident),
            *(self._remove(Kind.MEMBER, f"{one.ident}/{key}") for key in one.keys),
        ]

    def add(self, one: Collection, keys: Iterable[str]) -> list[Write]:
        """Papers at the end; those that are in it stay where they are.

        The time is their position, which is after whatever else is there, whether a browser sent it along or not.
        """
        last = max((member.position for member in one.members if isfinite(member.position)), default=0)
        last = max(last, self._now_ms)
        known = set(one.keys)
        new = [key for key in dict.fromkeys(keys) if key not in known]
        return [
            self._put(Kind.MEMBER, f"{one.ident}/{key}", {"position": int(last) + number, "note": ""})
            for number, key in enumerate(new, start=1)
        ]

    def take_out(self, one: Collection, key: str) -> list[Write]:
        return [self._remove(Kind.MEMBER, f"{one.ident}/{key}")] if key in one.keys else []

    def annotate(self, one: Collection, key: str, note: str) -> list[Write]:
        if key not in one.keys:
            return []
        member = f"{one.ident}/{key}"
        return [self._put(Kind.MEMBER, member, {**self._value(Kind.MEMBER, member), "note": note[:MAX_NOTE]})]

    def move(self, one: Collection, key: str, *, by: int) -> list[Write]:
        """A paper so many places down (or up, below 0), at most to an end; the fewest writes that do it."""
        moved = move_in_order([(member.key, member.position) for member in one.members], key, by=by)
        return [
            self._put(
                Kind.MEMBER, f"{one.ident}/{key}", {**self._value(Kind.MEMBER, f"{one.ident}/{key}"), "position": to}
            )
            for key, to in moved.items()
        ]

    # ---- changing: searches ----

    def save_search(self, *, name: str, query: str, mail: bool) -> list[Write]:
        """A new saved search; one with the same query is kept once."""
        query = " ".join(query.split())
        if not query:
            return []
        same = next((one for one in self.searches() if one.query == query), None)
        if same is not None:
            return self.edit_search(same, name=name or same.name, query=query, mail=mail or same.mail)
        value = {"name": clean_name(name), "query": query, "mail": mail, "opened": self._now_ms}
        return [self._put(Kind.SEARCH, new_ident(), value)]

    def edit_search(self, one: SavedSearch, *, name: str, query: str, mail: bool) -> list[Write]:
        value = self._value(Kind.SEARCH, one.ident)
        changes = {"name": clean_name(name), "query": " ".join(query.split()) or one.query, "mail": mail}
        return [self._put(Kind.SEARCH, one.ident, {**value, **changes})]

    def open_search(self, one: SavedSearch) -> list[Write]:
        value = self._value(Kind.SEARCH, one.ident)
        return [self._put(Kind.SEARCH, one.ident, {**value, "opened": self._now_ms})]

    def delete_search(self, one: SavedSearch) -> list[Write]:
        return [self._remove(Kind.SEARCH, one.ident)]

    # ---- changing: keywords ----

    def keep_keyword(self, word: str, weight: int) -> list[Write]:
        """A word with its weight; one that is kept with other capitals keeps those."""
        known = next((one.word for one in self.keywords() if one.word.casefold() == word.casefold()), word)
        return [self._put(Kind.KEYWORD, known, {**self._value(Kind.KEYWORD, known), "weight": weight})]

    def remove_keyword(self, word: str) -> list[Write]:
        is_kept = any(one.word == word for one in self.keywords())
        return [self._remove(Kind.KEYWORD, word)] if is_kept else []

    # ---- undoing ----

    def restore(self, removed: Iterable[Write]) -> list[Write]:
        """Bring back what :meth:`deleted_by` gave; what is there again already stays as it is."""
        removed = [write for write in removed if not self._value(Kind(write.kind), write.key)]
        return [self._put(Kind(write.kind), write.key, write.value) for write in removed]

    def deleted_by(self, writes: Iterable[Write]) -> list[Write]:
        """The items as they were that these writes delete."""
        return [self._writes[write.ident] for write in writes if write.deleted and write.ident in self._writes]

    # ---- writes ----

    def _value(self, kind: Kind, key: str) -> Mapping[str, Any]:
        known = self._writes.get((kind, key))
        return known.value if known is not None and not known.deleted else {}

    def _put(self, kind: Kind, key: str, value: Mapping[str, Any]) -> Write:
        return Write(kind, key, self._stamp(kind, key), dict(value))

    def _remove(self, kind: Kind, key: str) -> Write:
        return Write(kind, key, self._stamp(kind, key), deleted=True)

    def _stamp(self, kind: Kind, key: str) -> int:
        """Now, or just after the last write where the clock of the device that wrote it is ahead."""
        known = self._writes.get((kind, key))
        return max(self._now_ms, known.changed + 1 if known else 0)


def move_in_order(members: Sequence[tuple[str, float]], key: str, *, by: int) -> dict[str, float]:
    """New positions (by key) that bring ``key`` ``by`` places down.

    ``members`` are keys and positions in the order that is shown. Where positions tell all members apart, only those
    between the old place and the new one get another; otherwise all are numbered anew.

    >>> move_in_order([("a", 1), ("b", 2), ("c", 3)], "c", by=-1)
    {'c': 2, 'b': 3}
    """
    order = [name for name, _ in members]
    if key not in order:
        return {}
    at = order.index(key)
    to = max(0, min(len(order) - 1, at + by))
    order.insert(to, order.pop(at))
    places = [position for _, position in members]
    if len(set(places)) < len(places) or not all(map(isfinite, places)):
        places = list(range(1, len(order) + 1))
    before = dict(members)
    return {name: place for name, place in zip(order, sorted(places), strict=True) if before[name] != place}


def new_ident() -> str:
    """A collection's or search's id: short, and the same nowhere else."""
    return secrets.token_urlsafe(9)


def clean_name(text: str) -> str:
    return " ".join(text.split())[:MAX_NAME]


def read_weight(value: object) -> int:
    """A weight as some device wrote it, as the nearest of 1 to :data:`MAX_WEIGHT`; 1 where that is no number."""
    try:
        weight = float(str(value))
    except ValueError:
        return 1
    return max(1, min(MAX_WEIGHT, round(weight))) if isfinite(weight) else 1


def _collection(write: Write, members: Iterable[Member]) -> Collection:
    name, note = write.value.get("name"), write.value.get("note")
    ordered = sorted(members, key=lambda member: (member.position, member.key))
    return Collection(write.key, clean_name(str(name or "")) or write.key, str(note or "")[:MAX_NOTE], tuple(ordered))


def _member(key: str, value: Mapping[str, Any]) -> Member:
    """A member from what some device wrote; one without a position stands last."""
    given, note = value.get("position"), value.get("note")
    position = float("inf")
    if isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < 2**53:
        position = float(given)
    return Member(key, position, str(note or "")[:MAX_NOTE])
