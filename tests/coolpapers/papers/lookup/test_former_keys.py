from __future__ import annotations

import pytest

from coolpapers.papers.lookup.former_keys import papers_by_any_keys, surviving_keys
from coolpapers.papers.models import PaperSource
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def test_records_of_a_paper_lead_to_its_key() -> None:
    paper = make_paper(arxiv_id="2603.00001", doi="10.1000/abc")
    PaperSource.objects.create(paper=paper, source="acl", ident="2020.acl-main.1", key="acl:2020.acl-main.1")
    PaperSource.objects.create(paper=paper, source="openreview", ident="abc", key="line 7 of a file")
    names = ["acl:2020.acl-main.1", "openreview:abc", "line 7 of a file", "doi:10.1000/abc"]
    assert surviving_keys(names) == dict.fromkeys(names, paper.key)


def test_keys_of_papers_and_of_nothing_are_left_as_they_are() -> None:
    paper = make_paper(arxiv_id="2603.00001")
    assert surviving_keys([paper.key, "acl:none", "none", "", ":", "a:b:c"]) == {}
    assert surviving_keys([]) == {}


def test_a_paper_of_its_own_is_not_taken_for_another_s_record() -> None:
    other, paper = make_paper(arxiv_id="2603.00001"), make_paper(arxiv_id="2603.00002")
    PaperSource.objects.filter(paper=paper).delete()
    PaperSource.objects.create(paper=other, source="x", ident="y", key=paper.key)
    assert surviving_keys([paper.key]) == {}


def test_many_keys_take_few_queries(django_assert_max_num_queries: object) -> None:
    paper = make_paper(arxiv_id="2603.00001")
    PaperSource.objects.create(paper=paper, source="acl", ident="a", key="acl:a")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert surviving_keys([f"none:{number}" for number in range(900)] + ["acl:a"]) == {"acl:a": paper.key}


def test_papers_are_found_by_any_of_their_keys() -> None:
    paper, other = make_paper(arxiv_id="2603.00001"), make_paper(arxiv_id="2603.00002")
    PaperSource.objects.create(paper=paper, source="acl", ident="a", key="acl:a")
    found = papers_by_any_keys([other.key, "acl:a", "acl:none", paper.key])
    assert {key: one.pk for key, one in found.items()} == {other.key: other.pk, "acl:a": paper.pk, paper.key: paper.pk}
