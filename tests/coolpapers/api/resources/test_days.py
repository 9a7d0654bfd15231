from __future__ import annotations

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from coolpapers.api.resources.days import Day

DAYS = TypeAdapter(Day | None)


def test_a_day_is_read_as_it_is_documented() -> None:
    assert DAYS.validate_python("2024-02-29") == date(2024, 2, 29)
    assert DAYS.validate_python(None) is None
    assert DAYS.json_schema()["anyOf"][0] == {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    "value",
    ["0", 0, 1.0e9, "1700000000", "2024-02-30", "2024-2-3", "20240203", "2024-02-03T00:00:00", "2024-W05-6",
     "0000-01-01", "+2024-02-03", " 2024-02-03", "2024-02-03\n", "٢٠٢٤-٠٢-٠٣", "today", "2024", "", True],
)  # fmt: skip
def test_nothing_else_is_a_day(value: object) -> None:
    with pytest.raises(ValidationError, match="Write a day as 2024-05-31") as caught:
        DAYS.validate_python(value)
    assert str(value)[:20] in caught.value.errors()[0]["msg"]
