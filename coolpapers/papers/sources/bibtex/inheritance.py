"""``crossref`` and ``xdata``: fields that an entry takes from others of its file. Pure.

What a paper inherits from its volume says where it appeared. A DOI, an address or an abstract of the volume is not the
paper's and stays with the volume.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from coolpapers.papers.sources.bibtex.scanning import RawEntry

MAX_HELD = 64_000_000  # characters of entries that are kept for others, in a file
PARENT_TYPES = frozenset(
    {
        "proceedings", "mvproceedings", "book", "mvbook", "collection", "mvcollection", "reference", "mvreference",
        "periodical", "xdata", "conference", "manual", "misc",
    }
)  # fmt: skip
# Volumes that are papers of their own only where no entry of the file stands in them.
VOLUMES = frozenset({"proceedings", "mvproceedings", "periodical"})
_INHERITED = (
    "booktitle", "booksubtitle", "maintitle", "year", "date", "month", "day", "editor", "publisher", "series", "volume",
    "number", "journal", "journaltitle", "organization", "institution", "school", "address", "location", "eventtitle",
    "eventdate", "venue",
)  # fmt: skip

Fields = dict[str, str]


@dataclass(slots=True)
class Entry:
    """An entry with the text of its fields."""

    raw: RawEntry
    fields: Fields
    missing: list[str] = field(default_factory=list)  # entries that it refers to and that the file has not

    @property
    def size(self) -> int:
        return sum(map(len, self.fields.values())) + 200


@dataclass(slots=True)
class Family:
    """Entries of a file in the order in which they can be read: one that refers to another waits for it."""

    _parents: dict[str, Fields] = field(default_factory=dict)
    _waiting: list[Entry] = field(default_factory=list)
    _volumes: dict[str, Entry] = field(default_factory=dict)
    _referred: set[str] = field(default_factory=set)
    _room: int = MAX_HELD

    def add(self, entry: Entry) -> Iterator[Entry]:
        """Take an entry and yield what is ready: it, unless it has to wait."""
        key = entry.raw.key.lower()
        if entry.raw.type in PARENT_TYPES and key and self._keep(entry):
            self._parents.setdefault(key, entry.fields)
        names = _references(entry.fields)
        self._referred.update(names)
        if entry.raw.type == "xdata":
            return
        if entry.raw.type in VOLUMES and key and key not in self._volumes and self._keep(entry):
            self._volumes[key] = entry
        elif all(name in self._parents for name in names) or not self._keep(entry):
            yield self._complete(entry)
        else:
            self._waiting.append(entry)

    def rest(self) -> Iterator[Entry]:
        """At the end of the file: what waited, and the volumes in which nothing stands."""
        for entry in self._waiting:
            yield self._complete(entry)
        for key, entry in self._volumes.items():
            if key not in self._referred:
                yield self._complete(entry)

    def _keep(self, entry: Entry) -> bool:
        self._room -= entry.size
        return self._room > 0

    def _complete(self, entry: Entry) -> Entry:
        """The entry with what it inherits; its own fields win."""
        for name in _split(entry.fields.get("xdata", "")):
            self._inherit(entry, name, whole=True)
        name = entry.fields.get("crossref", "").strip().lower()
        if name:
            self._inherit(entry, name, whole=False)
        return entry

    def _inherit(self, entry: Entry, name: str, *, whole: bool) -> None:
        parent = self._parents.get(name)
        if parent is None or parent is entry.fields:
            entry.missing.append(name)
            return
        if whole:
            inherited = dict(parent)
        else:
            inherited = {field: parent[field] for field in _INHERITED if field in parent}
            inherited.setdefault("booktitle", parent.get("title", ""))
            inherited.setdefault("booksubtitle", parent.get("subtitle", ""))
            for grandparent in _split(parent.get("xdata", "")):
                for field_name, value in self._parents.get(grandparent, {}).items():
                    inherited.setdefault(field_name, value)
        dated = "year" in entry.fields or "date" in entry.fields
        for field_name, value in inherited.items():
            if value and not (dated and field_name in ("year", "date", "month", "day")):
                entry.fields.setdefault(field_name, value)


def _references(fields: Fields) -> list[str]:
    crossref = fields.get("crossref", "").strip().lower()
    return [*_split(fields.get("xdata", "")), *([crossref] if crossref else [])]


def _split(text: str) -> list[str]:
    return [name.strip().lower() for name in text.split(",") if name.strip()]
