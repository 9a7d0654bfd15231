"""How often are two records merged that are two works, or left apart although they are one?

    python -m bench.importing.bench_pairs SHARED/papers.jsonl.gz [--seed N] [--wrong] [--sample N]

Builds 2,000 labelled pairs (:mod:`bench.importing.labelled_pairs` states the labelling rule) and asks the matcher about
each, as an import does: records meet if they share a key, and are merged if the verdict is *same*. Prints JSON: by
label and rule, the number of pairs and how many were merged, doubtful (listed for an administrator) or apart.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.importing.labelled_pairs import LabelledPair


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    import django

    django.setup()
    from bench.importing.labelled_pairs import build_pairs  # after the settings are there

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers.jsonl.gz")
    parser.add_argument("--seed", type=int, default=13, help="of what is chosen and written by chance; default: 13")
    parser.add_argument("--wrong", action="store_true", help="list the pairs that are decided wrongly")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="list N pairs of each rule")
    options = parser.parse_args()
    with gzip.open(options.papers, "rt", encoding="utf-8") as lines:
        pairs = build_pairs([json.loads(line) for line in lines], seed=options.seed)
    decided = [(pair, decide(pair)) for pair in pairs]
    print(json.dumps(report(decided), indent=1))
    for pair, (outcome, reason) in decided if options.wrong else ():
        if (outcome == "merged") != pair.is_same:
            print(describe(pair, outcome, reason))
    if options.sample:
        by_rule: dict[str, list[tuple[LabelledPair, tuple[str, str]]]] = defaultdict(list)
        for pair, outcome_and_reason in decided:
            by_rule[pair.rule].append((pair, outcome_and_reason))
        for rows in by_rule.values():
            for pair, (outcome, reason) in Random(7).sample(rows, min(options.sample, len(rows))):
                print(describe(pair, outcome, reason))


def decide(pair: LabelledPair) -> tuple[str, str]:
    """What an import makes of a pair, and the row that decided: merged, doubtful or apart."""
    from coolpapers.papers.identity.verdicts import Relation, compare
    from coolpapers.papers.importing.candidates import IncomingRecord, Node, may_be_retitled

    first, second = (Node.of(IncomingRecord.of(record), order=0) for record in (pair.first, pair.second))
    shared = {key.name for key in {*first.shared} & {*second.shared}}
    if not shared or (shared == {"authors"} and not may_be_retitled(first.title, second.title)):
        return "apart", "no shared key"
    verdict = compare(first.evidence, second.evidence)
    if verdict.relation is Relation.SAME:
        return "merged", verdict.reason
    return ("doubtful" if verdict.is_listed else "apart"), verdict.reason


def report(decided: list[tuple[LabelledPair, tuple[str, str]]]) -> dict[str, Any]:
    """Rates over all pairs, and counts by rule."""
    rules: dict[str, Counter[str]] = defaultdict(Counter)
    for pair, (outcome, _) in decided:
        rules[pair.rule][outcome] += 1
    n_same = sum(pair.is_same for pair, _ in decided)
    missed = sum(pair.is_same and outcome != "merged" for pair, (outcome, _) in decided)
    wrong = sum(not pair.is_same and outcome == "merged" for pair, (outcome, _) in decided)
    return {
        "pairs": len(decided),
        "same": n_same,
        "different": len(decided) - n_same,
        "wrong_merges": wrong,
        "missed_merges": missed,
        "missed_percent": round(100 * missed / n_same, 2),
        "rules": {rule: dict(counts) for rule, counts in rules.items()},
    }


def describe(pair: LabelledPair, outcome: str, reason: str) -> str:
    label = "same" if pair.is_same else "different"
    lines = [f"{label} ({pair.rule}): {outcome} ({reason})"]
    for record in (pair.first, pair.second):
        names = "; ".join(record.authors[:5])
        lines.append(
            f"  {record.title} | {names} | {record.submitted or record.year} | {record.venue_text} | {record.key}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
