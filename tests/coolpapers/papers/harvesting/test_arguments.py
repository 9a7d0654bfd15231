from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from coolpapers.papers.harvesting.arguments import day_argument


def test_a_day_is_itself() -> None:
    assert day_argument("2024-05-31") == "2024-05-31"


@pytest.mark.parametrize("text", ["", "yesterday", "2024-02-30", "2024-5-1"])
def test_anything_else_is_named(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a date such as 2024-05-31"):
        day_argument(text)
