"""Fill the keys by which records find each other, for libraries that were filled before there were any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import migrations

from coolpapers.papers.identity.evidence import own_doi
from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.importing.tables import update_rows

_CHUNK = 5_000


def _chunks(rows: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order of their primary key, which stands first in each."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:_CHUNK]):
        last = chunk[-1][0]
        yield chunk


def fill_keys(apps: Any, _editor: Any) -> None:
    Paper, PaperSource = apps.get_model("papers", "Paper"), apps.get_model("papers", "PaperSource")
    columns = ("pk", "source", "ident", "record", "paper__title", "paper__authors", "paper__doi")
    for chunk in _chunks(PaperSource.objects.order_by("pk").values_list(*columns)):
        update_rows(PaperSource, ("title_key", "authors_key", "doi"), (_source_keys(*row) for row in chunk))
    for chunk in _chunks(Paper.objects.order_by("pk").values_list("pk", "title", "authors")):
        update_rows(Paper, ("match_key",), ((keys_of(title, authors).match, pk) for pk, title, authors in chunk))


def _source_keys(pk: int, source: str, ident: str, record: Any, title: str, authors: Any, doi: str) -> tuple[Any, ...]:
    if record:
        title, authors, doi = record["title"], record["authors"], record["doi"]
    keys = keys_of(title, authors)
    return keys.title, keys.authors, own_doi(source, ident, doi), pk


class Migration(migrations.Migration):
    dependencies = [("papers", "0004_identity")]

    operations = [migrations.RunPython(fill_keys, migrations.RunPython.noop)]
