"""Which requests are expensive, by their address: known before they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

# Lists of up to 1,000 papers in one answer.
_ENDINGS = ("/export",)
# Parameters that make a search many times as expensive, with their values.
_PARAMETERS = {"mode": "rerank", "explain": "1"}


def is_expensive(environ: Mapping[str, Any], *, default_mode: str) -> bool:
    """Whether a request takes many times as long as a page of a search. ``environ`` is that of WSGI.

    What the site does for every search is not: reranking where it is the site's ``default_mode``.
    """
    if str(environ.get("PATH_INFO", "")).rstrip("/").endswith(_ENDINGS):
        return True
    parameters = parse_qs(str(environ.get("QUERY_STRING", "")))
    return any(parameters.get(name, [""])[-1] == value and value != default_mode for name, value in _PARAMETERS.items())
