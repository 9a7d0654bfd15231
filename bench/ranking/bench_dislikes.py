"""Do papers sink that are like those which a reader is not interested in, and do the others stay?

    COOLPAPERS_DATA_DIR=… python -m bench.ranking.bench_dislikes [--readers N]

The data folder is an indexed and embedded library; it is only read, and of its papers those with a vector. A simulated
reader likes one category and dislikes another one: some papers of the first are starred, some of the second hidden. A
list holds other papers of both and of the rest of the library, in random order, and is ordered as *For me* does it.
Prints JSON: the mean place of the papers of each group, as a share of the list (0 is the top), without and with the
hidden papers, by vectors and by words, for several weights and numbers of hidden papers. Pairs of categories are drawn
among the 40 largest; half of the readers (``tuning``) were used to choose the weight, the other half is ``reported``.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
django.setup()

from coolpapers.papers.lookup.selectors import count_categories  # noqa: E402
from coolpapers.papers.models import PaperCategory, latest_revision  # noqa: E402
from coolpapers.people.state.preference import _words_of  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402
from search.neural.dense import retrievers  # noqa: E402
from search.ranking.preference import (  # noqa: E402
    DISLIKE_WEIGHT,
    Preference,
    likeness_by_vectors,
    likeness_by_words,
    lower,
    order_by_preference,
)

WEIGHTS = (0.1, 0.2, 0.35, DISLIKE_WEIGHT, 1.0)
N_HIDDEN = (1, 3, 10, 30)
N_STARRED = 10
N_EACH, N_OTHERS = 60, 180  # papers of each category, and of the rest, in a list
N_CATEGORIES = 40


@dataclass(frozen=True)
class Reader:
    starred: Sequence[str]
    hidden: Sequence[str]
    groups: Mapping[str, frozenset[str]]  # liked, disliked, others: the papers of the list
    listed: Sequence[str]


def main(n_readers: int) -> None:
    rng = np.random.default_rng(7)
    codes = list(count_categories(revision=latest_revision()))[:N_CATEGORIES]
    everything = retrievers["default"].keys()
    embedded = frozenset(everything)
    papers = {code: [key for key in _only_in(code, codes) if key in embedded] for code in codes}
    codes = [code for code in codes if len(papers[code]) >= N_EACH + max(N_HIDDEN)]
    pairs = [tuple(rng.choice(codes, size=2, replace=False)) for _ in range(n_readers)]
    readers = [_make_reader(papers[liked], papers[disliked], everything, rng) for liked, disliked in pairs]
    half = n_readers // 2
    report = {
        "bench": "dislikes",
        "readers": {"tuning": half, "reported": n_readers - half},
        "tuning": _measure(readers[:half], weights=WEIGHTS),
        "reported": _measure(readers[half:], weights=(DISLIKE_WEIGHT,)),
    }
    print(json.dumps(report, indent=1))


def _only_in(code: str, codes: Sequence[str]) -> list[str]:
    """Papers of a category that are in none of the other large ones."""
    rows = PaperCategory.objects.filter(category__code=code)
    others = PaperCategory.objects.filter(category__code__in=[other for other in codes if other != code])
    return list(rows.exclude(paper__in=others.values("paper")).values_list("paper__key", flat=True))


def _make_reader(
    liked: Sequence[str], disliked: Sequence[str], all_keys: Sequence[str], rng: np.random.Generator
) -> Reader:
    first, second = rng.permutation(liked).tolist(), rng.permutation(disliked).tolist()
    kept = {*liked, *disliked}
    others = [all_keys[row] for row in rng.integers(len(all_keys), size=N_OTHERS) if all_keys[row] not in kept]
    groups = {
        "liked": frozenset(first[N_STARRED : N_STARRED + N_EACH]),
        "disliked": frozenset(second[max(N_HIDDEN) : max(N_HIDDEN) + N_EACH]),
        "others": frozenset(others),
    }
    listed = rng.permutation(sorted(frozenset().union(*groups.values()))).tolist()
    return Reader(first[:N_STARRED], second[: max(N_HIDDEN)], groups, listed)


def _measure(readers: Sequence[Reader], *, weights: Sequence[float]) -> dict[str, object]:
    engine, dense = search_backend(), retrievers["default"]
    report: dict[str, object] = {}
    for has_stars in (False, True):
        bases = [
            order_by_preference(
                reader.listed, Preference(starred=reader.starred if has_stars else ()), engine=engine, dense=dense
            ).keys
            for reader in readers
        ]
        name = "with 10 stars" if has_stars else "without stars"
        rows = {"no hidden papers": _places(readers, bases)}
        for n_hidden in N_HIDDEN:
            hidden = [list(reader.hidden[:n_hidden]) for reader in readers]
            ways = {
                "vectors": [likeness_by_vectors(keys, base, dense) for keys, base in zip(hidden, bases, strict=True)],
                "words": [
                    likeness_by_words(keys, base, _words_of(keys), engine)
                    for keys, base in zip(hidden, bases, strict=True)
                ],
            }
            for way, likenesses in ways.items():
                for weight in weights:
                    orders = [lower(base, like, weight=weight) for base, like in zip(bases, likenesses, strict=True)]
                    rows[f"{n_hidden} hidden, {way}, weight {weight}"] = _places(readers, orders)
        report[name] = rows
    return report


def _places(readers: Sequence[Reader], orders: Sequence[Sequence[str]]) -> dict[str, float]:
    """The mean place of each group, as a share of the list."""
    places: dict[str, list[float]] = {}
    for reader, ordered in zip(readers, orders, strict=True):
        place_of = {key: number / (len(ordered) - 1) for number, key in enumerate(ordered)}
        for group, keys in reader.groups.items():
            places.setdefault(group, []).append(float(np.mean([place_of[key] for key in keys])))
    return {group: round(float(np.mean(values)), 3) for group, values in places.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=80)
    main(parser.parse_args().readers)
