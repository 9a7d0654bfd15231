"""``manage.py list_duplicates``: pairs of papers that may be one work, with the evidence."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coolpapers.papers.duplicates.decisions import find_named
from coolpapers.papers.duplicates.listing import DescribedPair, Side, describe_pairs, find_pairs
from coolpapers.papers.errors import PairError
from coolpapers.papers.identity.comparisons import Weight
from coolpapers.papers.models import PaperPair

_ALL = "all"
_SHOWN_AUTHORS = 4


class Command(BaseCommand):
    help = (
        "List pairs of papers that may be one work, with what speaks for it and against it. merge_papers and "
        "separate_papers decide on a pair."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        states = [str(state.value) for state in PaperPair.State]
        parser.add_argument(
            "--state",
            choices=[*states, _ALL],
            default=PaperPair.State.OPEN.value,
            help="undecided pairs (open), pairs that an administrator merged (same) or kept apart, or all; "
            "default: %(default)s",
        )
        parser.add_argument(
            "--reason", action="append", default=[], metavar="ROW", help="only this row of the table; may be repeated"
        )
        parser.add_argument("--paper", metavar="ID", help="only pairs of this paper (any identifier or key)")
        parser.add_argument("--limit", type=int, metavar="N", help="the first N pairs")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(
        self, *, state: str, reason: list[str], paper: str | None, limit: int | None, json: bool, **_: Any
    ) -> None:
        try:
            named = find_named(paper).paper if paper else None
        except PairError as exc:
            raise CommandError(str(exc)) from exc
        pairs = find_pairs(state="" if state == _ALL else state, reasons=reason, paper=named)
        n_pairs = pairs.count()
        described = describe_pairs(pairs[:limit])
        if json:
            self._write_json(list(described), n_pairs)
        else:
            for pair in described:
                self.stdout.write(f"{_as_text(pair)}\n\n")
            self.stdout.write(f"{n_pairs:,} pairs." if n_pairs else "There is no such pair.")

    def _write_json(self, described: list[DescribedPair], n_pairs: int) -> None:
        result = {"n_pairs": n_pairs, "pairs": [_as_json(pair) for pair in described]}
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _as_text(described: DescribedPair) -> str:
    pair = described.pair
    head = f"{pair.state} ({pair.reason})" if pair.reason else pair.state
    if pair.decided_by:
        head += f", decided by {pair.decided_by}"
    lines = [head, *_side_lines(described.first), *_side_lines(described.second)]
    for label, weight in (("for one work", Weight.SAME), ("for two works", Weight.DIFFERENT)):
        if fields := described.fields_for(weight):
            lines.append(f"  {label}: {', '.join(fields)}")
    return "\n".join(lines)


def _side_lines(side: Side) -> list[str]:
    if side.node is None:
        return [f"  {side.record}: not in the library"]
    authors = ", ".join(side.authors[:_SHOWN_AUTHORS]) + (" …" if len(side.authors) > _SHOWN_AUTHORS else "")
    years = "–".join(map(str, side.years))
    identifiers = " ".join(f"{scheme}:{value}" for scheme, value in side.identifiers.items())
    rest = "; ".join(filter(None, (authors, years, side.venue, identifiers)))
    return [f"  {side.record}  {side.title}", f"    {rest}"]


def _as_json(described: DescribedPair) -> dict[str, Any]:
    pair = described.pair
    return {
        "state": pair.state,
        "reason": pair.reason,
        "decided_by": pair.decided_by,
        "changed_at": pair.changed_at.isoformat(),
        "is_one_paper": described.is_one_paper,
        "papers": [_side_json(described.first), _side_json(described.second)],
        "comparison": [
            {"field": row.field, "first": row.first, "second": row.second, "speaks_for": row.weight.value}
            for row in described.comparisons
        ],
    }


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "record": side.record,
        "paper": side.paper.key if side.paper else None,
        "url": side.paper.get_absolute_url() if side.paper else None,
        "title": side.title,
        "authors": list(side.authors),
        "years": list(side.years),
        "venue": side.venue,
        "identifiers": side.identifiers,
    }
