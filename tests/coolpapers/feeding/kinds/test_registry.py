from __future__ import annotations

from coolpapers.feeding.kinds.registry import KINDS
from coolpapers.feeding.models import FeedSource


def test_every_kind_that_can_be_chosen_can_be_harvested() -> None:
    assert {str(kind) for kind in KINDS} == set(FeedSource.Kind.values)
