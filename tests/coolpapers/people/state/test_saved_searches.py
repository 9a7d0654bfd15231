from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.state.saved_searches import read_search, to_datetime


@pytest.mark.parametrize("value", [None, [], "x", {}, {"name": None, "query": None, "mail": "yes", "opened": "now"}])
def test_a_saved_search_with_invalid_values_is_readable(value: Any) -> None:
    search = read_search("s1", value, changed=1000)
    assert (search.title, search.query, search.mail) == ("", "", False)
    assert search.opened_at == search.saved_at == to_datetime(1000)


@given(st.integers(-(10**30), 10**30))
def test_any_number_of_milliseconds_is_a_valid_time(milliseconds: int) -> None:
    assert 1970 <= to_datetime(milliseconds).year <= 3000
