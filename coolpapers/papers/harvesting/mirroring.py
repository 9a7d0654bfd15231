"""Records of another library of this software: which of them this library takes, so that two can mirror each other.

Each record has an origin, the library that has it from no other one. A library follows the origin of a record by its
datestamp there. A record that it has from elsewhere, or gave away itself, only completes it: empty fields are filled,
and a later state of the paper (by ``updated``) is taken. Both steps end, so that no change goes round in circles.
Start at :meth:`Mirror.of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coolpapers.papers.importing.stored_records import StoredRecord, load_records, load_versions
from coolpapers.papers.importing.tables import select_in
from coolpapers.papers.models import MirroredRecord, Paper, PaperSource
from coolpapers.papers.names.repository import repository_id
from coolpapers.papers.records.merging import complete, merge_versions
from coolpapers.papers.records.record import Deletion, Item, Record, content_of
from coolpapers.papers.sources.arxiv.oai import local_key
from coolpapers.papers.sources.site_records import Origin


@dataclass(frozen=True, slots=True)
class Mirror:
    """One page: the items to write, and the origins of records that are followed from now on."""

    items: Sequence[Item]
    origins: Mapping[str, Origin]
    via: str

    @classmethod
    def of(cls, items: Sequence[Item], origins: Mapping[str, Origin], *, via: str) -> Mirror:
        """``origins`` by record key; ``via`` is the OAI-PMH address of the library that gives the items."""
        items = [replace(item, key=local_key(item.key)) if isinstance(item, Deletion) else item for item in items]
        keys = {item.key for item in items if isinstance(item, Record | Deletion)}
        sifter = _Sifter(_load_stored(keys), _load_origins(keys), via)
        taken = [found for item in items if (found := sifter.sift(item, origins)) is not None]
        return cls(taken, sifter.followed, via)

    def save_origins(self) -> None:
        """Remember the origins; call in the transaction that writes the items."""
        MirroredRecord.objects.bulk_create(
            [
                MirroredRecord(
                    key=key,
                    origin=origin.repository,
                    origin_url=origin.url or self.via,
                    stamp=origin.stamp,
                    via=self.via,
                )
                for key, origin in self.origins.items()
            ],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["origin", "origin_url", "stamp", "via"],
        )


class _Sifter:
    def __init__(self, stored: Mapping[str, StoredRecord], known: Mapping[str, MirroredRecord], via: str) -> None:
        self._stored, self._known, self._via = stored, known, via
        self._own = repository_id()
        self.followed: dict[str, Origin] = {}

    def sift(self, item: Item, origins: Mapping[str, Origin]) -> Item | None:
        """The item to write; None where this library stays as it is."""
        if isinstance(item, Deletion):
            known = self._known.get(item.key)
            return item if known is not None and known.via == self._via else None
        if not isinstance(item, Record) or item.key not in origins:
            return item
        origin, stored, known = origins[item.key], self._stored.get(item.key), self._known.get(item.key)
        if stored is None:
            if origin.repository == self._own:
                return None  # this library has deleted it
            self.followed[item.key] = origin
            return item
        if known is None or known.origin != origin.repository:
            return _completed(item, stored)
        if origin.stamp <= known.stamp:
            return None
        self.followed[item.key] = origin
        return item


def _completed(record: Record, stored: StoredRecord) -> Record | None:
    """The record as this library should have it; None where it has nothing to add."""
    own, other = stored.content, content_of(record)
    if other["updated"] and (not own["updated"] or other["updated"] > own["updated"]):
        return record
    content = complete(own, other)
    versions = tuple(merge_versions([stored.versions, record.versions]))
    if content == own and versions == tuple(stored.versions):
        return None
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return replace(record, **values, versions=versions)


def _load_stored(keys: Iterable[str]) -> dict[str, StoredRecord]:
    ids = {paper for _, paper in select_in(PaperSource, ("key", "paper"), "key", keys)}
    papers = {paper.pk: paper for paper in Paper.objects.select_related("venue").filter(pk__in=ids)}
    return load_records(papers, load_versions(papers))


def _load_origins(keys: Iterable[str]) -> dict[str, MirroredRecord]:
    return {row.key: row for row in MirroredRecord.objects.filter(key__in=list(keys))}
