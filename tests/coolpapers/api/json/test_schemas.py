from __future__ import annotations

import pytest
from pydantic import ValidationError

from coolpapers.api.json.schemas import MAX_LIMIT, ListParameters, SearchParameters
from coolpapers.api.resources.searching import MAX_START


def test_days_are_read_by_their_short_names() -> None:
    read = ListParameters.model_validate({"from": "2026-03-02", "to": "2026-03-04"})
    assert (read.from_day, read.to_day) is not None
    assert str(read.from_day) == "2026-03-02"


@pytest.mark.parametrize(
    "values",
    [{"start": MAX_START + 1}, {"limit": MAX_LIMIT + 1}, {"limit": 0}, {"category": ["a"] * 61}, {"mode": "best"}],
)
def test_sizes_are_bounded(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SearchParameters.model_validate(values)
