from __future__ import annotations

import pytest
from django.db import IntegrityError

from coolpapers.reading.models import Summary
from tests.coolpapers.reading.made import make_paper, make_summary

pytestmark = pytest.mark.django_db


def test_a_paper_has_one_summary_a_language() -> None:
    paper = make_paper()
    make_summary(paper, language="en")
    make_summary(paper, language="zh")
    with pytest.raises(IntegrityError):
        make_summary(paper, language="en")


@pytest.mark.parametrize(
    ("status", "is_open"), [("queued", True), ("running", True), ("done", False), ("failed", False)]
)
def test_open_means_that_a_worker_has_it_or_will(status: str, is_open: bool) -> None:
    assert Summary(status=status).is_open is is_open


def test_summaries_go_with_their_paper() -> None:
    summary = make_summary()
    summary.paper.delete()
    assert not Summary.objects.exists()
