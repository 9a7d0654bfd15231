from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import RequestFactory

from coolpapers.feeding.errors import TooManyRequests
from coolpapers.feeding.models import PaperRequest
from coolpapers.feeding.ondemand import requests
from coolpapers.feeding.ondemand.requests import (
    LEASE,
    MISSING,
    find_request,
    get_next,
    may_get,
    read_name,
    request_paper,
    words_of,
)
from coolpapers.papers.models import Paper
from search.vocabulary.identifier_forms import Identifier
from tests.coolpapers.feeding.ondemand.test_registries import point_to, registry
from tests.coolpapers.feeding.runs import NOW
from tests.local_servers import serve

DOI = Identifier("doi", "10.1000/xyz")


@pytest.mark.parametrize(
    ("setting", "expected"), [("nobody", (False, False)), ("accounts", (False, True)), ("everyone", (True, True))]
)
def test_the_setting_says_who_may_ask(settings: Any, setting: str, expected: tuple[bool, bool]) -> None:
    settings.GET_PAPERS = setting
    answers = []
    for user in (AnonymousUser(), User(username="ada")):
        request = RequestFactory().get("/")
        request.user = user
        answers.append(may_get(request))
    assert tuple(answers) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2406.01234", "arxiv:2406.01234"),
        ("P19-1001@ACL", "acl:P19-1001"),
        ("abcDEF123@OpenReview", "openreview:abcDEF123"),
        ("10.1000/xyz@DOI", "doi:10.1000/xyz"),
        ("https://doi.org/10.1000/xyz", "doi:10.1000/xyz"),
        ("own@File", ""),
        ("graph networks", ""),
    ],
)
def test_names_of_papers(text: str, key: str) -> None:
    identifier = read_name(text)
    assert (identifier.key if identifier else "") == key


@pytest.mark.django_db
def test_a_request_is_fetched_once_and_its_failure_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "INTERVAL_S", 0.0)
    missing = Identifier("doi", "10.1000/none")
    with serve(registry) as server:
        point_to(server.url, monkeypatch)
        request_paper(DOI, now=NOW)
        request_paper(DOI, now=NOW)
        request_paper(missing, now=NOW + timedelta(seconds=1))
        done, failed = get_next(now=lambda: NOW), get_next(now=lambda: NOW)
        assert get_next(now=lambda: NOW) is None
        assert len(server.asked) == 2
    assert done is not None
    assert failed is not None
    assert (done.status, failed.status, failed.error) == ("done", "failed", MISSING)
    assert words_of(failed.error).startswith("The registry has no paper")
    assert Paper.objects.get().doi == "10.1000/xyz"
    assert request_paper(missing, now=NOW).status == "queued"  # a reader asks again


@pytest.mark.django_db
def test_the_request_of_a_killed_worker_is_taken_by_another() -> None:
    request_paper(DOI, now=NOW)
    assert requests._claim(NOW) is not None
    assert requests._claim(NOW) is None
    assert requests._claim(NOW + 2 * LEASE) is not None


@pytest.mark.django_db
def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "QUEUE_MAX", 1)
    request_paper(DOI, now=NOW)
    with pytest.raises(TooManyRequests):
        request_paper(Identifier("doi", "10.1000/other"), now=NOW)
    PaperRequest.objects.update(status="done", requested_at=NOW - timedelta(days=90))
    request_paper(Identifier("doi", "10.1000/other"), now=NOW)
    assert find_request(DOI) is None  # old ones are forgotten
