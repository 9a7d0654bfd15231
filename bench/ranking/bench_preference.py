"""Do starred papers order a list better by their mean vector, or by a linear model of them against the rest?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_preference

The data folder is a library of ``SHARED/papers.jsonl.gz``, embedded; it is only read. A section of
``related_lists_dev`` stands for what one reader likes: some of its papers are starred, another one is left out and
shall stand high in a list of 550 papers, 50 of neighbouring sections and the others drawn from the library. The mean
reciprocal rank of the one left out, by the number of stars. Half of the sections (by a hash) chose the ridge and the
number of stars from which the model is used, the other half is ``reported``.
"""

from __future__ import annotations

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
from search.ranking.preference import REST_SIZE, RIDGE, Rest, linear_direction, mean_direction  # noqa: E402

STARS = (1, 2, 3, 5, 8, 12, 20)
RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
N_LEFT_OUT = 8  # of each section
N_SIBLINGS, N_RANDOM = 50, 500

Ranks = dict[str, list[float]]  # way → reciprocal ranks


@dataclass(frozen=True)
class Section:
    """Papers listed together, and papers of the sections beside it."""

    papers: Sequence[str]
    siblings: Sequence[str]

    @property
    def is_for_tuning(self) -> bool:
        return hashlib.blake2b(min(self.papers).encode(), digest_size=1).digest()[0] % 2 == 0


def main() -> None:
    dense = retrievers["default"]
    known = dense.keys()
    row_of = {key: row for row, key in enumerate(known)}
    vectors = dense.vectors_of(known)[1]  # (n_papers, dim)
    sections = _sections(row_of)
    ridges = {ridge: Rest.of_vectors(dense.sample(REST_SIZE), ridge=ridge) for ridge in RIDGES}
    chosen = [section for section in sections if section.is_for_tuning]
    reported = [section for section in sections if not section.is_for_tuning]
    answer = {
        "bench": "preference",
        "sections": {"tuning": len(chosen), "reported": len(reported)},
        "tuning": {n: _means(_ranks(chosen, n, vectors, row_of, ridges)) for n in STARS},
        "reported": {n: _compared(_ranks(reported, n, vectors, row_of, {RIDGE: ridges[RIDGE]})) for n in STARS},
    }
    print(json.dumps(answer, indent=1))


def _sections(row_of: Mapping[str, int]) -> list[Section]:
    found: dict[frozenset[str], Section] = {}
    for query, grades in read_qrels("related_lists_dev").items():
        papers = [key for key in (query, *(key for key, grade in grades.items() if grade == 2)) if key in row_of]
        siblings = [key for key, grade in grades.items() if grade == 1 and key in row_of]
        found.setdefault(frozenset(papers), Section(sorted(papers), sorted(siblings)))
    return list(found.values())


def _ranks(
    sections: Sequence[Section], n_stars: int, vectors: Vectors, row_of: Mapping[str, int], rests: Mapping[float, Rest]
) -> Ranks:
    rng = np.random.default_rng(n_stars)
    ranks: Ranks = {}
    for section in sections:
        if len(section.papers) <= n_stars:
            continue
        for left_out in rng.permutation(section.papers)[:N_LEFT_OUT]:
            others = [key for key in section.papers if key != left_out]
            stars = vectors[[row_of[key] for key in rng.permutation(others)[:n_stars]]]
            siblings = [row_of[key] for key in rng.permutation(section.siblings)[:N_SIBLINGS] if key not in others]
            drawn = [row for row in rng.integers(len(vectors), size=N_RANDOM) if row != row_of[left_out]]
            pool = vectors[[row_of[left_out], *siblings, *drawn]]
            ways = {"mean": pool @ mean_direction(stars)}
            ways |= {f"linear {ridge}": pool @ linear_direction(stars, rest) for ridge, rest in rests.items()}
            for way, scores in ways.items():
                ranks.setdefault(way, []).append(1.0 / (1 + int((scores[1:] > scores[0]).sum())))
    return ranks


def _means(ranks: Ranks) -> dict[str, float]:
    return {way: round(float(np.mean(values)), 4) for way, values in ranks.items()} | {"n": len(ranks.get("mean", ()))}


def _compared(ranks: Ranks) -> dict[str, Any]:
    """The means, and by how much the linear model is better with its 95 % interval."""
    if not ranks:
        return {}
    found = paired_bootstrap(ranks[f"linear {RIDGE}"], ranks["mean"], rng=np.random.default_rng(0))
    difference = {"mean": round(found.mean, 4), "low": round(found.low, 4), "high": round(found.high, 4)}
    return _means(ranks) | {"linear better by": difference}


if __name__ == "__main__":
    main()
