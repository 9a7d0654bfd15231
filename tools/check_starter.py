"""Compare the facts of the starter library with other lists of papers.

    .venv/bin/python -m tools.check_starter ../shared/data/papers.jsonl.gz

The lists are JSON Lines in the site's own format, compressed with gzip or not. Papers are matched by arXiv id, ACL id
or title. Fields of an edition (year, DOI, decision) are compared only if both records name the same venue, or neither
does. Prints how often each field agrees and every difference; exits with 1 if there is one.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coolpapers.papers.names.venues import parse_track, parse_venue
from coolpapers.papers.records.fieldvalues import date_value
from search.vocabulary.categories import fold_category

STARTER = Path(__file__).resolve().parents[1] / "coolpapers" / "papers" / "starter" / "papers.jsonl"
Row = Mapping[str, Any]


@dataclass
class Report:
    """Ids of our papers that the list has, agreements per field, and differences as (id, field, ours, theirs)."""

    matched: set[str] = field(default_factory=set)
    agreed: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[str, str, object, object]] = field(default_factory=list)


def read_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as raw, gzip.open(raw) if path.suffix == ".gz" else raw as stream:
        for line in stream:
            yield json.loads(line)


def compare(ours: Iterable[Row], theirs: Iterable[Row]) -> Report:
    """Check each row of ours against every row of theirs that is the same paper."""
    report = Report()
    index: dict[str, list[Row]] = {}
    for row in ours:
        for name in names_of(row):
            index.setdefault(name, []).append(row)
    for their_row in theirs:
        matches = {row["id"]: row for name in names_of(their_row) for row in index.get(name, ())}
        for row in matches.values():
            report.matched.add(row["id"])
            _compare_pair(row, their_row, report)
    return report


def names_of(row: Row) -> Iterator[str]:
    """The keys by which a paper is matched: folded title, source id, arXiv id."""
    yield "title:" + fold(row["title"])
    if row["id"].startswith(("acl:", "arxiv:")):
        yield row["id"]
    if row.get("arxiv_id"):
        yield f"arxiv:{row['arxiv_id']}"


def fold(text: str) -> str:
    """Letters and digits of a text, without accents and case.

    >>> fold("Jérôme Łouradour")
    'jeromelouradour'
    """
    text = text.translate(str.maketrans("łŁøØ", "lLoO")).replace("ß", "ss")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).lower())


def edition(row: Row) -> str:
    acl_id = row["id"].removeprefix("acl:") if row["id"].startswith("acl:") else ""
    reading = parse_venue(row.get("venue") or "", acl_id=acl_id)
    return f"{reading.slug} {reading.year or row.get('year')}" if reading.slug else ""


# Field → its value in a row. Empty values (None, "", ()) are not compared.
_ALWAYS: dict[str, Callable[[Row], object]] = {
    "title": lambda row: fold(row["title"]),
    "authors": lambda row: tuple(fold(name.split()[-1]) for name in row.get("authors") or ()),
    "arxiv_id": lambda row: row.get("arxiv_id"),
    "date": lambda row: date_value("date", row.get("date")),
    "category": lambda row: fold_category(row["categories"][0]) if row.get("categories") else None,
}
_OF_AN_EDITION: dict[str, Callable[[Row], object]] = {
    "venue": edition,
    "year": lambda row: row.get("year"),
    "doi": lambda row: (row.get("doi") or "").lower(),
    "status": lambda row: parse_track(row.get("status") or ""),
}


def _compare_pair(ours: Row, theirs: Row, report: Report) -> None:
    fields = _ALWAYS | _OF_AN_EDITION if edition(ours) == edition(theirs) else _ALWAYS
    for name, value_of in fields.items():
        our_value, their_value = value_of(ours), value_of(theirs)
        if not our_value or not their_value:
            continue
        if our_value == their_value:
            report.agreed[name] += 1
        else:
            report.differences.append((ours["id"], name, our_value, their_value))


def main(paths: list[str]) -> int:
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    ours = list(read_rows(STARTER))
    n_differences = 0
    for path in paths:
        report = compare(ours, read_rows(Path(path)))
        n_differences += len(report.differences)
        counts = ", ".join(f"{name} {count}" for name, count in report.agreed.most_common())
        print(f"{path}: {len(report.matched)} of {len(ours)} records matched; equal: {counts or 'nothing'}")
        for key, name, our_value, their_value in report.differences:
            print(f"  {key}: {name}: {our_value!r} here, {their_value!r} there")
    return 1 if n_differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
