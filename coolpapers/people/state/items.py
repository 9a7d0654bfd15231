"""Collections, saved searches and keywords as items, and the writes that change them. Pure functions.

A collection is one item ``collection`` and one item ``member`` per paper; a saved search or keyword is one item.
Devices write items independently, so values are validated on reading: a member may have any position, or that of
another member. Each change returns the writes (:class:`~coolpapers.people.state.writes.Write`) to save, for accounts
and browsers alike. Start at :class:`Items`.
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
# The fields of a saved search that tell the last look (coolpapers.people.searches.looks).
Look = Mapping[str, Any]
NO_LOOK: Look = {}


@dataclass(frozen=True, slots=True)
class Member:
    """A paper of a collection, by its key."""

    key: str
    position: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A named list of papers; members are in the reader's order."""

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
    """A keyword of interest and its weight (1 to 3)."""

    word: str
    weight: int


class Items:
    """A reader's items by kind and key. Deleted items are included, so that a new write is later than theirs."""

    def __init__(self, writes: Iterable[Write], *, now: datetime) -> None:
        self._writes = {write.ident: write for write in writes}
        self._now, self._now_ms = now, int(now.timestamp() * 1000)

    def after(self, writes: Iterable[Write]) -> Items:
        """The items after these writes are saved."""
        merged = Items((), now=self._now)
        merged._writes = self._writes | {write.ident: write for write in writes}
        return merged

    # ---- reading ----

    def collections(self) -> list[Collection]:
        """All collections by name, with their members."""
        members: dict[str, list[Member]] = {}
        for write in self._active(Kind.MEMBER):
            ident, _, key = write.key.partition("/")
            members.setdefault(ident, []).append(_member(key, write.value))
        collections = [_collection(write, members.get(write.key, ())) for write in self._active(Kind.COLLECTION)]
        return sorted(collections, key=lambda collection: (collection.name.casefold(), collection.ident))

    def collection(self, ident: str) -> Collection | None:
        return next((collection for collection in self.collections() if collection.ident == ident), None)

    def searches(self) -> list[SavedSearch]:
        """All saved searches by name."""
        writes = self._active(Kind.SEARCH)
        searches = [read_search(write.key, write.value, changed=write.changed) for write in writes]
        return sorted(searches, key=lambda search: (search.title.casefold(), search.ident))

    def search(self, ident: str) -> SavedSearch | None:
        return next((search for search in self.searches() if search.ident == ident), None)

    def keywords(self) -> list[PreferredWord]:
        """Keywords in alphabetical order."""
        writes = self._active(Kind.KEYWORD)
        keywords = [PreferredWord(write.key, read_weight(write.value.get("weight"))) for write in writes]
        return sorted(keywords, key=lambda keyword: (keyword.word.casefold(), keyword.word))

    def _active(self, kind: Kind) -> list[Write]:
        return [write for write in self._writes.values() if write.kind == kind and not write.deleted]

    # ---- changing: collections ----

    def create(self, name: str, *, keys: Sequence[str] = ()) -> list[Write]:
        """A new collection with papers in order. The first write is the collection's."""
        ident = new_ident()
        members = [
            self._put(Kind.MEMBER, f"{ident}/{key}", {"position": number, "note": ""})
            for number, key in enumerate(dict.fromkeys(keys), start=1)
        ]
        return [self._put(Kind.COLLECTION, ident, {"name": clean_name(name), "note": ""}), *members]

    def edit(self, collection: Collection, *, name: str, note: str) -> list[Write]:
        value = {
            **self._value(Kind.COLLECTION, collection.ident),
            "name": clean_name(name) or collection.name,
            "note": note[:MAX_NOTE],
        }
        return [self._put(Kind.COLLECTION, collection.ident, value)]

    def delete(self, collection: Collection) -> list[Write]:
        """Tombstones of the collection and its members."""
        return [
            self._remove(Kind.COLLECTION, collection.ident),
            *(self._remove(Kind.MEMBER, f"{collection.ident}/{key}") for key in collection.keys),
        ]

    def add_papers(self, collection: Collection, keys: Iterable[str]) -> list[Write]:
        """Append papers; those already in the collection keep their place.

        Positions start at the present time in milliseconds, which is later than any other position, also of members
        that the browser did not send.
        """
        last = max((member.position for member in collection.members if isfinite(member.position)), default=0)
        last = max(last, self._now_ms)
        present = set(collection.keys)
        new = [key for key in dict.fromkeys(keys) if key not in present]
        return [
            self._put(Kind.MEMBER, f"{collection.ident}/{key}", {"position": int(last) + number, "note": ""})
            for number, key in enumerate(new, start=1)
        ]

    def remove_paper(self, collection: Collection, key: str) -> list[Write]:
        return [self._remove(Kind.MEMBER, f"{collection.ident}/{key}")] if key in collection.keys else []

    def annotate(self, collection: Collection, key: str, note: str) -> list[Write]:
        if key not in collection.keys:
            return []
        member = f"{collection.ident}/{key}"
        return [self._put(Kind.MEMBER, member, {**self._value(Kind.MEMBER, member), "note": note[:MAX_NOTE]})]

    def move(self, collection: Collection, key: str, *, by: int) -> list[Write]:
        """Move a paper ``by`` places down (up if negative), clamped to the ends, with the fewest writes."""
        positions = move_in_order([(member.key, member.position) for member in collection.members], key, by=by)
        members = {f"{collection.ident}/{moved}": position for moved, position in positions.items()}
        return [
            self._put(Kind.MEMBER, member, {**self._value(Kind.MEMBER, member), "position": position})
            for member, position in members.items()
        ]

    # ---- changing: searches ----

    def save_search(self, *, name: str, query: str, mail: bool, look: Look = NO_LOOK) -> list[Write]:
        """A new saved search, first looked at now, or the changed one if its query is saved already."""
        query = " ".join(query.split())
        if not query:
            return []
        existing = self.search_of(query)
        if existing is not None:
            return self.edit_search(existing, name=name or existing.name, query=query, mail=mail or existing.mail)
        value = {"name": clean_name(name), "query": query, "mail": mail, "opened": self._now_ms, **look}
        return [self._put(Kind.SEARCH, new_ident(), value)]

    def edit_search(self, search: SavedSearch, *, name: str, query: str, mail: bool) -> list[Write]:
        value = self._value(Kind.SEARCH, search.ident)
        changes = {"name": clean_name(name), "query": " ".join(query.split()) or search.query, "mail": mail}
        return [self._put(Kind.SEARCH, search.ident, {**value, **changes})]

    def search_of(self, query: str) -> SavedSearch | None:
        """The saved search with this query."""
        text = " ".join(query.split())
        return next((search for search in self.searches() if search.query == text), None)

    def open_search(self, search: SavedSearch, *, look: Look = NO_LOOK) -> list[Write]:
        """Store that the reader looks at the results now."""
        value = self._value(Kind.SEARCH, search.ident)
        return [self._put(Kind.SEARCH, search.ident, {**value, "opened": self._now_ms, **look})]

    def delete_search(self, search: SavedSearch) -> list[Write]:
        return [self._remove(Kind.SEARCH, search.ident)]

    # ---- changing: pinned categories ----

    def pins(self) -> list[str]:
        """Codes of the pinned categories, the first one pinned first."""
        return [write.key for write in sorted(self._active(Kind.PIN), key=lambda write: (write.changed, write.key))]

    def pin(self, code: str) -> list[Write]:
        return [] if code in self.pins() else [self._put(Kind.PIN, code, {})]

    def unpin(self, code: str) -> list[Write]:
        return [self._remove(Kind.PIN, code)] if code in self.pins() else []

    # ---- changing: keywords ----

    def save_keyword(self, word: str, weight: int) -> list[Write]:
        """A keyword with its weight; an existing keyword keeps its capitalization."""
        same = (keyword.word for keyword in self.keywords() if keyword.word.casefold() == word.casefold())
        key = next(same, word)
        return [self._put(Kind.KEYWORD, key, {**self._value(Kind.KEYWORD, key), "weight": weight})]

    def remove_keyword(self, word: str) -> list[Write]:
        exists = any(keyword.word == word for keyword in self.keywords())
        return [self._remove(Kind.KEYWORD, word)] if exists else []

    # ---- undoing ----

    def clear(self, kind: Kind) -> list[Write]:
        """Remove all items of a kind."""
        return [self._remove(kind, write.key) for write in self._active(kind)]

    def restore(self, removed: Iterable[Write]) -> list[Write]:
        """Restore what :meth:`deleted_by` returned; items that exist again are left unchanged."""
        missing = [write for write in removed if not self._value(Kind(write.kind), write.key)]
        return [self._put(Kind(write.kind), write.key, write.value) for write in missing]

    def deleted_by(self, writes: Iterable[Write]) -> list[Write]:
        """The items that these writes delete, as they are before."""
        return [self._writes[write.ident] for write in writes if write.deleted and write.ident in self._writes]

    # ---- writes ----

    def _value(self, kind: Kind, key: str) -> Mapping[str, Any]:
        write = self._writes.get((kind, key))
        return write.value if write is not None and not write.deleted else {}

    def _put(self, kind: Kind, key: str, value: Mapping[str, Any]) -> Write:
        return Write(kind, key, self._stamp(kind, key), dict(value))

    def _remove(self, kind: Kind, key: str) -> Write:
        return Write(kind, key, self._stamp(kind, key), deleted=True)

    def _stamp(self, kind: Kind, key: str) -> int:
        """The present time, or just after the item's last write if the clock of its device is ahead."""
        last = self._writes.get((kind, key))
        return max(self._now_ms, last.changed + 1 if last else 0)


def move_in_order(members: Sequence[tuple[str, float]], key: str, *, by: int) -> dict[str, float]:
    """New positions (by key) that move ``key`` down by ``by`` places.

    ``members`` are keys and positions in the displayed order. If all positions differ, only the members between the old
    and the new place change; otherwise all are renumbered.

    >>> move_in_order([("a", 1), ("b", 2), ("c", 3)], "c", by=-1)
    {'c': 2, 'b': 3}
    """
    order = [name for name, _ in members]
    if key not in order:
        return {}
    source = order.index(key)
    target = max(0, min(len(order) - 1, source + by))
    order.insert(target, order.pop(source))
    places = [position for _, position in members]
    if len(set(places)) < len(places) or not all(map(isfinite, places)):
        places = list(range(1, len(order) + 1))
    before = dict(members)
    return {name: place for name, place in zip(order, sorted(places), strict=True) if before[name] != place}


def new_ident() -> str:
    """A short unique id for a collection or search."""
    return secrets.token_urlsafe(9)


def clean_name(text: str) -> str:
    return " ".join(text.split())[:MAX_NAME]


def read_weight(value: object) -> int:
    """A weight from a device, rounded and clamped to 1 … :data:`MAX_WEIGHT`; 1 if it is not a number."""
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
    """A member from a device's value; a member without a valid position comes last."""
    raw_position, note = value.get("position"), value.get("note")
    position = float("inf")
    if isinstance(raw_position, int | float) and not isinstance(raw_position, bool) and abs(raw_position) < 2**53:
        position = float(raw_position)
    return Member(key, position, str(note or "")[:MAX_NOTE])
