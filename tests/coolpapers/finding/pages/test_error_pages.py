from __future__ import annotations

import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from coolpapers.finding.pages import error_pages
from coolpapers.finding.pages.error_pages import RETRY_AFTER_S, answers_engine_errors
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, IndexUnavailable
from tests.coolpapers.papers.library import make_paper


def answer(error: Exception) -> HttpResponse:
    @answers_engine_errors
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    request = RequestFactory().get("/search")
    response = view(request)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (IndexMissing("x"), "manage.py update_index"),
        (IndexLocked("x"), "is being written"),
        (IndexUnavailable("x", cure="start it"), "The search servers do not answer"),
    ],
)
@pytest.mark.django_db
def test_an_engine_without_an_answer_is_503_with_its_cure(error: Exception, words: str) -> None:
    response = answer(error)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert words in response.content.decode()


@pytest.mark.parametrize("error", [IndexDamaged("x"), IndexOutdated("x")])
@pytest.mark.parametrize(("n_papers", "minutes"), [(0, 2), (3, 5)])
@pytest.mark.django_db
def test_a_damaged_index_is_503_with_the_time_until_it_is_rebuilt(
    error: Exception, n_papers: int, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(error_pages, "PAPERS_A_MINUTE", 1)
    for _ in range(n_papers):
        make_paper()
    response = answer(error)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == str(minutes * 60)
    assert f"within about {minutes} minutes" in response.content.decode()
    assert "manage.py rebuild_index" in response.content.decode()


@pytest.mark.django_db
def test_damage_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answer(IndexDamaged("meta.json is cut short"))
    assert "meta.json is cut short" in caplog.text


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        answer(ZeroDivisionError())
