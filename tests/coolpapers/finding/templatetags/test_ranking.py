from __future__ import annotations

import pytest

from coolpapers.finding.templatetags.ranking import related_action
from coolpapers.papers.pages.cards import Card
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db


def test_the_button_leads_to_the_page_of_relatives() -> None:
    paper = make_paper(arxiv_id="hep-th/9901001")
    assert related_action(Card(paper)) == {"paper": paper, "path": "/related/hep-th/9901001"}
    assert related_action(Card(make_venue_paper("a_b")))["path"] == "/related/a_b@OpenReview"
