from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test.client import BOUNDARY, encode_multipart

from coolpapers.base.charsets import utf8_content_type, utf8_requests

# Codecs of Python that decode no text or fail on some, charsets that are real, and names without a codec.
CHARSETS = [
    "rot13", "zlib", "bz2", "base64", "hex", "uu", "quopri", "undefined", "idna", "punycode", "unicode_escape",
    "raw_unicode_escape", "utf-7", "utf-16", "utf-32", "latin-1", "gbk", "nonsense", "u" * 300, '"', "\u00e9",
]  # fmt: skip
URLENCODED = "application/x-www-form-urlencoded"
FORM = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("é.txt", b"2403.00001"), "id_list": "é"})
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
RPC = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
# Every kind of view that reads a query or a body.
REQUESTS = [
    ("GET", "/nowhere?q=%C3%A9", b"", "text/html"),
    ("GET", "/nowhere?q=%C3%A9", b"", URLENCODED),
    ("GET", "/arxiv/all?skip=1", b"", "text/html"),
    ("GET", "/api/v1/list?limit=1", b"", "application/json"),
    ("GET", "/api/query?id_list=2403.00001", b"", "text/html"),
    ("GET", "/unapi?id=2403.00001", b"", "text/html"),
    ("POST", "/api/v1/papers", '{"ids": ["é"]}'.encode(), "application/json"),
    ("POST", "/mcp", RPC, "application/json"),
    ("POST", "/me/sync", b'{"cursor": 0}', "application/json"),
    ("POST", "/me/import", FORM, MULTIPART),
    ("POST", "/api/query", FORM, MULTIPART),
    ("POST", "/api/query", b"id_list=%E9", URLENCODED),
    ("POST", "/me/cards", b"keys=%E9", URLENCODED),
    ("POST", "/language", b"language=en", URLENCODED),
    ("POST", "/admin/login/", b"username=%E9", URLENCODED),
    ("POST", "/admin/login/", FORM, MULTIPART),
]


def status_of(method: str, path: str, body: bytes, content_type: str) -> int:
    """The status that the site answers, without the test client, which makes requests in another way."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "HTTP_ACCEPT": "application/json, text/html",
        "HTTP_HOST": "localhost",
    }  # fmt: skip
    setup_testing_defaults(environ)
    statuses: list[str] = []
    response = utf8_requests(get_wsgi_application())(environ, lambda status, *_: statuses.append(status))
    list(response)
    return int(statuses[0].partition(" ")[0])


@pytest.fixture
def open_connection(db: None) -> Iterator[None]:
    """The database of the test, which must not be closed between requests; the test client does the same."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("open_connection")
@pytest.mark.parametrize("charset", CHARSETS)
def test_another_charset_is_refused_or_passed_over(charset: str) -> None:
    for method, path, body, content_type in REQUESTS:
        status = status_of(method, path, body, f"{content_type}; charset={charset}")
        assert status < 500, (method, path, content_type)
        if path == "/me/import":  # the file of a form is read as it is
            assert status == 200
        if method == "POST" and content_type == URLENCODED:
            assert status == 400 or path == "/admin/login/"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html; charset=UTF-8", "text/html; charset=UTF-8"),
        ('application/json;charset="utf8"', 'application/json;charset="utf8"'),
        (MULTIPART, MULTIPART),
        (f"{MULTIPART}; charset=rot13", MULTIPART),
        (f"multipart/form-data; charset = 'zlib' ; boundary={BOUNDARY}", MULTIPART),
        (f"{URLENCODED}; charset=gbk", f"{URLENCODED}; charset=ascii"),
        ("text/html; charset=utf-8; charset=rot13", "text/html"),
        ("", ""),
    ],
)
def test_the_header_loses_a_charset_that_is_not_utf_8(content_type: str, expected: str) -> None:
    assert utf8_content_type(content_type) == expected
