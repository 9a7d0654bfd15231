from __future__ import annotations

import pytest

from coolpapers.api.callers import Caller
from coolpapers.api.mcp.sessions import Session, acting_in, current_session


def test_tools_run_in_the_innermost_session_and_never_outside_of_one() -> None:
    outer, inner = Session(Caller("a"), "http://a"), Session(Caller("b"), "http://b")
    with pytest.raises(LookupError):
        current_session()
    with acting_in(outer):
        with acting_in(inner):
            assert current_session() is inner
        assert current_session() is outer
    with pytest.raises(LookupError):
        current_session()
