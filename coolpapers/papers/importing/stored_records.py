"""What each record of a paper says, as the library keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coolpapers.papers.importing.rows import content_from_json, content_of_paper, versions_from_json
from coolpapers.papers.models import Paper, PaperSource, PaperVersion
from coolpapers.papers.records.record import Version

# Sources that number versions, by how likely those of a paper are theirs.
_VERSIONED = {"arxiv": 0, "acl": 1}


@dataclass(slots=True, eq=False)
class StoredRecord:
    """A source row with what it says."""

    row: PaperSource
    content: dict[str, Any]
    versions: list[Version]


def load_records(papers: Mapping[int, Paper], versions: Mapping[int, list[Version]]) -> dict[str, StoredRecord]:
    """All records of the papers, by key, with what they say; papers must be loaded with their venue."""
    by_paper: dict[int, list[PaperSource]] = defaultdict(list)
    for row in PaperSource.objects.filter(paper_id__in=papers).order_by("pk"):
        by_paper[row.paper_id].append(row)
    records = {}
    for paper_id, rows in by_paper.items():
        owner = min(rows, key=lambda row: (_VERSIONED.get(row.source, 2), row.pk))  # whose versions old rows do not say
        for row in rows:
            content = content_from_json(row.record) if row.record else content_of_paper(papers[paper_id])
            own = versions_from_json(row.record) if row.record else None
            if own is None:
                own = versions.get(paper_id, []) if row is owner else []
            records[row.key] = StoredRecord(row, content, own)
    return records


def load_versions(papers: Iterable[int]) -> dict[int, list[Version]]:
    """The versions of papers, by primary key."""
    versions: dict[int, list[Version]] = defaultdict(list)
    rows = PaperVersion.objects.filter(paper_id__in=list(papers)).order_by("paper_id", "number")
    for paper_id, number, day, note in rows.values_list("paper_id", "number", "date", "note"):
        versions[paper_id].append(Version(number, day, note))
    return versions
