"""Summaries stay with their text when papers are joined or parted."""

from __future__ import annotations

from typing import Any, cast

from django.core import serializers

from coolpapers.reading.models import Summary


class SummaryFollower:
    """Moves summaries between papers; of two in one language the finished one of the surviving paper stays.

    What cannot move is kept as JSON, so that parting the papers brings it back.
    """

    name = "summaries"

    def join(self, paper_id: int, *, into: int) -> Any:
        """Move the summaries of a paper to another; return the languages that moved, and the rows that could not."""
        taken = {row.language: row for row in Summary.objects.filter(paper_id=into)}
        moved: list[str] = []
        replaced: list[Summary] = []
        for row in Summary.objects.filter(paper_id=paper_id):
            rival = taken.get(row.language)
            if rival is not None and (rival.markdown or not row.markdown):
                replaced.append(row)
                continue
            if rival is not None:  # an unfinished request gives way to a finished text
                rival.delete()
            Summary.objects.filter(pk=row.pk).update(paper_id=into)
            moved.append(row.language)
        return {"moved": moved, "kept": serializers.serialize("json", replaced)}

    def part(self, paper_id: int, *, of: int, kept: Any) -> None:
        """Give the parted paper back what :meth:`join` moved, and what it kept."""
        Summary.objects.filter(paper_id=of, language__in=kept["moved"]).update(paper_id=paper_id)
        for restored in serializers.deserialize("json", kept["kept"]):
            row = cast(Summary, restored.object)
            if not Summary.objects.filter(paper_id=paper_id, language=row.language).exists():
                row.pk, row.paper_id = None, paper_id
                row.save(force_insert=True)
