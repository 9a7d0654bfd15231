from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.importing.seen_keys import SeenKeys


@given(st.lists(st.text(max_size=8)), st.lists(st.text(max_size=8)))
def test_it_holds_what_a_set_holds(added: list[str], asked: list[str]) -> None:
    keys = SeenKeys()
    for key in added:
        keys.add(key)
    assert len(keys) == len(set(added))
    assert [key in keys for key in asked] == [key in set(added) for key in asked]


def test_it_grows_and_forgets_nothing() -> None:
    keys = SeenKeys()
    for number in range(5000):
        keys.add(f"arxiv:{number}")
    assert len(keys) == 5000
    assert all(f"arxiv:{number}" in keys for number in range(5000))
    assert "arxiv:5000" not in keys
