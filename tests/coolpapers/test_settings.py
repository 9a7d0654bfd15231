"""Settings that are more than one value."""

from __future__ import annotations

import pytest

from coolpapers.base.env import EnvironmentValueError
from coolpapers.settings.searching import _fusion_weights

NAME = "COOLPAPERS_FUSION_WEIGHTS"


def test_fusion_weights_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "bm25=0.4, dense=0.6")
    assert _fusion_weights() == {"bm25": 0.4, "dense": 0.6}
    monkeypatch.setenv(NAME, "rank")
    assert _fusion_weights() == {}
    monkeypatch.delenv(NAME)
    assert _fusion_weights().keys() == {"bm25", "dense", "coverage"}


@pytest.mark.parametrize("value", ["bm25", "bm25=much", "covrage=0.2", "bm25=-1", "dense=nan", "dense=inf"])
def test_weights_that_are_none_are_refused_with_what_is_wanted(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(EnvironmentValueError, match="weights, 0 or more, of bm25, dense and coverage"):
        _fusion_weights()
