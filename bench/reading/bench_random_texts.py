"""Do two properties of the renderer hold on many more random texts than the tests take?

    python -m bench.reading.bench_random_texts [--examples 100000] [--formulas 20000] [--seeds 4]

``joined``: two golden texts, one after the other, keep the formulas that they have alone. ``accepted``: a formula that
MathJax accepts is not repaired. The examples are divided among the seeds. Prints JSON: the number of examples of each
property and the first counterexample of each seed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

import django

django.setup()

from hypothesis import HealthCheck, given, seed, settings  # noqa: E402 - after Django's set-up
from hypothesis import strategies as st  # noqa: E402

from tests.coolpapers.reading.markup.math.test_mathjax_repairs import (  # noqa: E402
    FORMULAS,
    TestAFormulaThatMathJaxAccepts,
)
from tests.coolpapers.reading.markup.test_properties import TEXTS, TestWrappingAndJoining  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--formulas", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=4)
    arguments = parser.parse_args()
    pairs = st.tuples(st.sampled_from(TEXTS), st.sampled_from(TestWrappingAndJoining.MOVABLE))
    results = {
        "joined": run_seeds(check_pair, pairs, n_examples=arguments.examples, n_seeds=arguments.seeds),
        "accepted": run_seeds(check_formula, FORMULAS, n_examples=arguments.formulas, n_seeds=arguments.seeds),
    }
    print(json.dumps(results, indent=1, ensure_ascii=False))


def check_pair(pair: tuple[str, str]) -> None:
    TestWrappingAndJoining.test_two_texts_keep_theirs.hypothesis.inner_test(None, *pair)  # type: ignore[attr-defined]


def check_formula(tex: str) -> None:
    TestAFormulaThatMathJaxAccepts.test_comes_out_as_it_went_in.hypothesis.inner_test(None, tex)  # type: ignore[attr-defined]


def run_seeds(
    check: Callable[[Any], None], strategy: st.SearchStrategy[Any], *, n_examples: int, n_seeds: int
) -> dict[str, Any]:
    """Run a check on random examples; counts calls, so examples that the check itself rejects are in."""
    n_calls = 0
    failures = []
    for number in range(n_seeds):

        def count_and_check(example: Any) -> None:
            nonlocal n_calls
            n_calls += 1
            check(example)

        every_check = list(HealthCheck)
        run = settings(
            max_examples=n_examples // n_seeds, deadline=None, database=None, suppress_health_check=every_check
        )
        try:
            seed(number)(run(given(strategy)(count_and_check)))()
        except AssertionError as failure:
            failures.append(
                {"seed": number, "failure": str(failure)[:2_000], "notes": getattr(failure, "__notes__", [])}
            )
    return {"examples": n_calls, "failures": failures}


if __name__ == "__main__":
    main()
