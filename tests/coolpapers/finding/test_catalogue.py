from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coolpapers.finding.catalogue import paper_texts, site_stages, subject_of, work_keys
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def test_a_copy_that_was_never_joined_is_known() -> None:
    title = "A motor car with three wheels"
    first = make_paper(title=title, match_key="cars|benz")
    second = make_paper(title=title, match_key="cars|benz")
    make_paper(title=title, match_key="cars|ford")
    make_paper(title="Another motor car with wheels", match_key="cars|benz")
    assert subject_of(first).copies == {first.key, second.key}
    assert subject_of(make_paper(title=title, match_key="")).copies == frozenset()


def test_texts_of_many_papers_are_one_query() -> None:
    papers = [make_paper(title=f"Title {n}", abstract="About it.") for n in range(3)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        texts = paper_texts([paper.key for paper in papers] + ["nobody:1"])
    assert len(queries) == 1
    assert set(texts) == {paper.key for paper in papers}
    assert all("Title" in text and "About it." in text for text in texts.values())


def test_copies_share_their_work() -> None:
    first, second = make_paper(match_key="cars|benz"), make_paper(match_key="cars|benz")
    works = work_keys([first.key, second.key, "nobody:1"])
    assert works == {first.key: "cars|benz", second.key: "cars|benz"}


def test_the_stages_of_the_site_read_its_papers() -> None:
    paper = make_paper(title="Cars", match_key="cars|benz")
    stages = site_stages(wait_s=2.5)
    assert stages.wait_s == 2.5
    assert "Cars" in stages.texts([paper.key])[paper.key]
    assert stages.works([paper.key]) == {paper.key: "cars|benz"}
