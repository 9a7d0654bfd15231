from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from coolpapers.papers.lookup.selectors import DayCount, count_days
from coolpapers.papers.models import PaperCategory, latest_revision
from coolpapers.papers.names.category_sets import CategorySet, Step
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper

pytestmark = pytest.mark.django_db


def repair() -> str:
    out = io.StringIO()
    call_command("repair_lists", stdout=out)
    return out.getvalue()


def test_rows_that_something_outside_changed_are_repaired() -> None:
    papers = [make_paper(day=day, categories=["cs.AI", "cs.LG"]) for day in (MONDAY, MONDAY, None)]
    PaperCategory.objects.filter(paper=papers[0], category__code="cs.AI").update(announced=TUESDAY)
    PaperCategory.objects.filter(paper=papers[2]).update(announced=TUESDAY)
    assert repair() == "2 papers repaired.\n"
    for paper in papers:
        before = paper.revision
        assert set(paper.category_rows.values_list("announced", flat=True)) == {paper.announced}
        paper.refresh_from_db()
        assert (paper.revision > before) == (paper != papers[1])
    revision = latest_revision()
    assert count_days(CategorySet((Step("cs.AI"),)), revision=revision) == (DayCount(MONDAY, 2),)
    assert repair() == "0 papers repaired.\n"
    assert latest_revision() == revision
