from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from coolpapers.base.compression import CompressionMiddleware
from tests.coolpapers.papers.library import make_paper

GZIP = {"accept-encoding": "gzip, deflate, br"}
TEXT = "A page with words. " * 100


def answer(response: HttpResponseBase, cookies: str = "") -> Any:
    request = RequestFactory().get("/", headers=GZIP | {"cookie": cookies})
    return CompressionMiddleware(lambda _request: response)(request)


@pytest.mark.parametrize(
    ("kind", "is_compressed"),
    [
        ("text/html; charset=utf-8", True),
        ("application/atom+xml", True),
        ("application/json", True),
        ("application/problem+json", True),
        ("TEXT/XML", True),
        ("application/pdf", False),
        ("text/event-stream", False),
        ("image/png", False),
    ],
)
def test_text_is_compressed(kind: str, is_compressed: bool) -> None:
    response = answer(HttpResponse(TEXT, content_type=kind))
    assert response.has_header("Content-Encoding") is is_compressed


def test_streams_are_sent_as_they_come() -> None:
    def stream() -> Iterator[str]:
        yield TEXT

    response = answer(StreamingHttpResponse(stream(), content_type="text/plain"))
    assert not response.has_header("Content-Encoding")


@pytest.mark.parametrize("cookies", ["sessionid=abc", "density=list; sessionid=abc"])
def test_a_request_with_a_session_is_answered_plainly(cookies: str) -> None:
    assert not answer(HttpResponse(TEXT), cookies).has_header("Content-Encoding")
    assert answer(HttpResponse(TEXT), "density=list").has_header("Content-Encoding")


def test_a_page_with_a_token_is_sent_plainly() -> None:
    request = RequestFactory().get("/", headers=GZIP)
    get_token(request)
    response: Any = CompressionMiddleware(lambda _request: HttpResponse(TEXT))(request)
    assert not response.has_header("Content-Encoding")


@pytest.mark.django_db
def test_pages_of_everybody_are_compressed_at_random_lengths(client: Client) -> None:
    for number in range(5):
        make_paper(title=f"Paper {number}")
    responses = [client.get("/arxiv/cs.CL", headers=GZIP) for _ in range(8)]
    assert {response["Content-Encoding"] for response in responses} == {"gzip"}
    assert "Accept-Encoding" in responses[0]["Vary"]
    assert len({gzip.decompress(response.content) for response in responses}) == 1
    assert len({len(response.content) for response in responses}) > 1
    assert not client.get("/arxiv/cs.CL").has_header("Content-Encoding")


@pytest.mark.django_db
def test_no_page_with_a_secret_is_compressed(client: Client, settings: Any) -> None:
    settings.ACCOUNTS = "open"
    make_paper()
    sign_in = client.get("/account/sign-in?next=/arxiv/cs.CL", headers=GZIP)
    assert b"csrfmiddlewaretoken" in sign_in.content
    assert not sign_in.has_header("Content-Encoding")
    client.force_login(User.objects.create_user("ada", "ada@example.org", "long enough 1815"))
    for address in ("/arxiv/cs.CL", "/arxiv/all?q=ada", "/account/", "/me/searches", "/me/collections"):
        response = client.get(address, headers=GZIP)
        assert response.status_code == 200, address
        assert not response.has_header("Content-Encoding"), address


@pytest.mark.django_db
def test_an_unchanged_feed_is_still_answered_by_304(client: Client) -> None:
    make_paper()
    response = client.get("/arxiv/cs.CL/feed", headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    again = client.get("/arxiv/cs.CL/feed", headers=GZIP | {"if-none-match": response["ETag"]})
    assert again.status_code == 304
