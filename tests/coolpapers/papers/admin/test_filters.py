"""Filters of the admin's list stay short, and counts are read once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from coolpapers.papers.admin.filters import N_CHOICES, N_SINGLE_YEARS
from coolpapers.papers.models import Paper, Venue, latest_revision
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_paper_changelist")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("administrator"))
    return client


def choices(answer: Any, parameter: str) -> list[str]:
    """The choices of a filter, without *All*."""
    (found,) = [spec for spec in answer.context["cl"].filter_specs if getattr(spec, "parameter_name", "") == parameter]
    return [str(label) for _value, label in found.lookup_choices]


def found(answer: Any) -> set[int]:
    return {paper.pk for paper in answer.context["cl"].result_list}


def test_old_years_stand_together_by_decade(administrator: Client) -> None:
    papers = {year: make_paper(day=date(year, 3, 2)) for year in (*range(1991, 2027, 5), *range(2018, 2027))}
    answer = administrator.get(LIST)
    assert choices(answer, "year")[:N_SINGLE_YEARS] == ["2026", "2025", "2024", "2023", "2022", "2021"]
    assert choices(answer, "year")[N_SINGLE_YEARS:] == ["2020–2029", "2010–2019", "2000–2009", "1990–1999"]
    assert found(administrator.get(LIST, {"year": "1990-1999"})) == {papers[1991].pk, papers[1996].pk}
    assert found(administrator.get(LIST, {"year": "2024"})) == {papers[2024].pk}
    for nonsense in ("x", "-", "1990-x", "99999999999999999999"):
        assert administrator.get(LIST, {"year": nonsense}).status_code in (200, 302)


def test_a_wall_of_categories_and_venues_is_cut_and_others_can_be_named(administrator: Client) -> None:
    for number in range(N_CHOICES + 5):
        venue = Venue.objects.create(slug=f"V{number:02}", name=f"Venue {number}")
        for _ in range(1 if number == 3 else 2):
            last = make_paper(categories=(f"own.{number:02}",), venue=venue, venue_year=2026)
    answer = administrator.get(LIST)
    assert len(choices(answer, "category")) == N_CHOICES
    assert len(choices(answer, "venue")) == N_CHOICES
    answer = administrator.get(LIST, {"category": "own.03"})
    assert choices(answer, "category")[-1] == "own.03"
    assert len(found(answer)) == 1
    assert last.pk in found(administrator.get(LIST, {"venue": f"V{N_CHOICES + 4}"}))
    assert found(administrator.get(LIST, {"venue": "V03"})) == found(answer)


def test_papers_of_a_source(administrator: Client) -> None:
    paper = make_paper()
    make_paper().sources.update(source="acl")
    assert found(administrator.get(LIST, {"source": "arxiv"})) == {paper.pk}


def test_a_count_is_read_again_when_the_library_has_changed(administrator: Client) -> None:
    def count() -> int:
        return int(administrator.get(LIST, {"category": "cs.CL"}).context["cl"].result_count)

    make_paper().save()
    assert count() == 1
    revision = latest_revision()
    make_paper().save()
    assert latest_revision() > revision
    assert count() == 2


def test_titles_are_readable(administrator: Client) -> None:
    make_paper(title=r"\textbf{Trees} with $x^2$ <b>")
    make_paper(title="word " * 100)
    text = administrator.get(LIST).text
    assert "Trees with $x^2$ &lt;b&gt;" in text
    assert "word " * 30 not in text
    assert Paper.objects.count() == 2
