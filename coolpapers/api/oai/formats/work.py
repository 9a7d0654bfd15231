"""``coolpapers``: everything that a library of this software knows of a work, record by record.

:mod:`coolpapers.papers.sources.site_records` reads it back. The schema beside :mod:`coolpapers.api.oai.views`
describes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lxml import etree

from coolpapers.api.oai.formats.elements import add, root
from coolpapers.papers.importing.stored_records import StoredRecord
from coolpapers.papers.models import MirroredRecord
from coolpapers.papers.sources.site_records import ELEMENTS, NAMESPACE

DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def write_work(
    key: str, records: Iterable[StoredRecord], *, origins: Mapping[str, MirroredRecord], schema: str
) -> etree._Element:
    """One work with its records, in the order in which the library met them."""
    element = root(NAMESPACE, "work", schema=schema)
    element.set("key", key)
    for record in records:
        _add_record(element, record, origins.get(record.row.key))
    return element


def _add_record(work: etree._Element, stored: StoredRecord, origin: MirroredRecord | None) -> None:
    row = stored.row
    element = add(work, "entry", key=row.key, source=row.source, ident=row.ident)
    if origin is not None:
        element.set("origin", origin.origin)
        element.set("origin-url", origin.origin_url)
        element.set("origin-date", oai_date(origin.stamp))
    for field, name in ELEMENTS.items():
        value = stored.content[field]
        for text in value if isinstance(value, list | tuple) else [value]:
            if text is True:
                add(element, name, "true")
            elif text is not None and text is not False and text != "":
                add(element, name, text)
    for version in stored.versions:
        dated = {"date": version.date.isoformat()} if version.date else {}
        add(element, "version", version.note, number=str(version.number), **dated)


def oai_date(moment: datetime) -> str:
    """``2024-05-31T12:00:00Z``."""
    return moment.strftime(DATE_FORMAT)
