"""The charset of requests: UTF-8. Another one in a Content-Type is not used.

Django decodes the query and the fields of a form with the charset that a request names, if Python has a codec of that
name. Some of these codecs decode no text (``rot13``, ``zlib``), and Django fails while it makes the request, before any
middleware: status 500. So the header is changed in front of Django.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CHARSET = re.compile(r""";\s*charset\s*=\s*("[^"]*"?|[^;]*)""", re.IGNORECASE)
_UTF8_NAMES = ("utf-8", "utf8")


def utf8_requests(application: Application) -> Application:
    """Wrap a WSGI application: every request is read as UTF-8. See :func:`utf8_content_type`."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if content_type := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = utf8_content_type(content_type)
        return application(environ, start_response)

    return serve


def utf8_content_type(content_type: str) -> str:
    """The header without a charset other than UTF-8.

    A URL-encoded form of another charset would be misread. It is marked as ASCII, and Django answers 400 to that.
    """
    charsets = [match[1].strip(' "').lower() for match in _CHARSET.finditer(content_type)]
    if all(charset in _UTF8_NAMES for charset in charsets):
        return content_type
    is_urlencoded = content_type.lower().startswith("application/x-www-form-urlencoded")
    return _CHARSET.sub("", content_type) + ("; charset=ascii" if is_urlencoded else "")
