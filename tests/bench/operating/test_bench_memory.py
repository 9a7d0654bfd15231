from __future__ import annotations

import pytest

from bench.operating.bench_memory import Sample, growth


def samples(own_mb: list[float]) -> list[Sample]:
    return [Sample(1_000 * n, mb + 100, mb) for n, mb in enumerate(own_mb)]


@pytest.mark.parametrize(
    ("own_mb", "is_flat", "bytes_a_request"),
    [
        ([100.0, *[200.0] * 20], True, 0),
        ([200.0 + 4 * n for n in range(21)], False, 4_000),  # a leak
        ([200.0 + 10 * min(n, 9) for n in range(21)], True, 0),  # caches that fill
        ([200.0 + n % 2 for n in range(21)], True, 0),  # what requests hold for a moment
    ],
)
def test_memory_is_flat_where_the_last_half_does_not_grow(
    own_mb: list[float], is_flat: bool, bytes_a_request: int
) -> None:
    report = growth(samples(own_mb))
    assert report["is_flat"] is is_flat
    assert report["bytes_a_request"] == pytest.approx(bytes_a_request, abs=100)


def test_too_few_samples_say_nothing() -> None:
    assert "is_flat" not in growth(samples([100.0, 200.0]))
