"""Which predicts a reader's preference better: the mean vector of the starred papers, or a linear model of them?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_preference

The data folder is an embedded library of ``SHARED/papers.jsonl.gz``; it is only read. A section of
``related_lists_dev`` represents the preference of one reader: some of its papers are starred, and another one is ranked
in a list of 550 papers: 50 of neighbouring sections, the others random. Prints JSON: the mean reciprocal rank of that
paper, by the number of stars. Half of the sections (by hash) were used to choose the ridge and the number of stars from
which the model is used; the other half is ``reported``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django
import numpy as np

from rerank.arrays import Vectors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from bench.search.search_corpus import read_qrels  # noqa: E402
from rerank.evaluation import paired_bootstrap  # noqa: E402
from search.neural.dense import retrievers  # noqa: E402
from search.ranking.preference import BACKGROUND_SIZE, RIDGE, Background, linear_direction, mean_direction  # noqa: E402

STARS = (1, 2, 3, 5, 8, 12, 20)
RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
N_LEFT_OUT = 8  # of each section
N_SIBLINGS, N_RANDOM = 50, 500

Ranks = dict[str, list[float]]  # way → reciprocal ranks


@dataclass(frozen=True)
class Section:
    """Papers of a section, and papers of its neighbouring sections."""

    papers: Sequence[str]
    siblings: Sequence[str]

    @property
    def is_for_tuning(self) -> bool:
        return hashlib.blake2b(min(self.papers).encode(), digest_size=1).digest()[0] % 2 == 0


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    dense = retrievers["default"]
    keys = dense.keys()
    row_of = {key: row for row, key in enumerate(keys)}
    vectors = dense.vectors_of(keys)[1]  # (n_papers, dim)
    sections = _sections(row_of)
    ridges = {ridge: Background.of_vectors(dense.reader().sample(BACKGROUND_SIZE), ridge=ridge) for ridge in RIDGES}
    tuning = [section for section in sections if section.is_for_tuning]
    reported = [section for section in sections if not section.is_for_tuning]
    report = {
        "bench": "preference",
        "sections": {"tuning": len(tuning), "reported": len(reported)},
        "tuning": {n: _means(_ranks(tuning, n, vectors, row_of, ridges)) for n in STARS},
        "reported": {n: _compared(_ranks(reported, n, vectors, row_of, {RIDGE: ridges[RIDGE]})) for n in STARS},
    }
    print(json.dumps(report, indent=1))


def _sections(row_of: Mapping[str, int]) -> list[Section]:
    sections: dict[frozenset[str], Section] = {}
    for query, grades in read_qrels("related_lists_dev").items():
        papers = [key for key in (query, *(key for key, grade in grades.items() if grade == 2)) if key in row_of]
        siblings = [key for key, grade in grades.items() if grade == 1 and key in row_of]
        sections.setdefault(frozenset(papers), Section(sorted(papers), sorted(siblings)))
    return list(sections.values())


def _ranks(
    sections: Sequence[Section],
    n_stars: int,
    vectors: Vectors,
    row_of: Mapping[str, int],
    backgrounds: Mapping[float, Background],
) -> Ranks:
    """Reciprocal ranks of left-out papers, for each way to order the list."""
    rng = np.random.default_rng(n_stars)
    ranks: Ranks = {}
    for section in sections:
        if len(section.papers) <= n_stars:
            continue
        for left_out in rng.permutation(section.papers)[:N_LEFT_OUT]:
            others = [key for key in section.papers if key != left_out]
            stars = vectors[[row_of[key] for key in rng.permutation(others)[:n_stars]]]
            siblings = [row_of[key] for key in rng.permutation(section.siblings)[:N_SIBLINGS] if key not in others]
            random_rows = [row for row in rng.integers(len(vectors), size=N_RANDOM) if row != row_of[left_out]]
            pool = vectors[[row_of[left_out], *siblings, *random_rows]]
            ways = {"mean": pool @ mean_direction(stars)}
            ways |= {
                f"linear {ridge}": pool @ linear_direction(stars, background)
                for ridge, background in backgrounds.items()
            }
            for way, scores in ways.items():
                ranks.setdefault(way, []).append(1.0 / (1 + int((scores[1:] > scores[0]).sum())))
    return ranks


def _means(ranks: Ranks) -> dict[str, float]:
    return {way: round(float(np.mean(values)), 4) for way, values in ranks.items()} | {"n": len(ranks.get("mean", ()))}


def _compared(ranks: Ranks) -> dict[str, Any]:
    """The means, and the difference between the linear model and the mean vector with its 95 % interval."""
    if not ranks:
        return {}
    difference = paired_bootstrap(ranks[f"linear {RIDGE}"], ranks["mean"], rng=np.random.default_rng(0))
    rounded = {name: round(getattr(difference, name), 4) for name in ("mean", "low", "high")}
    return _means(ranks) | {"linear better by": rounded}


if __name__ == "__main__":
    main()
