from __future__ import annotations

from coolpapers.papers.citations.work import Kind
from coolpapers.papers.models import Paper
from coolpapers.papers.names.kinds import KINDS


def test_each_kind_fits_its_column_and_stands_once() -> None:
    limit = Paper._meta.get_field("kind").max_length
    assert limit is not None
    assert max(map(len, KINDS)) <= limit
    assert len(set(KINDS)) == len(KINDS)


def test_citations_call_kinds_by_the_same_names() -> None:
    assert {kind.value for kind in Kind} <= set(KINDS)
