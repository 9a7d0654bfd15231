"""Which requests are expensive, and how long they may wait, by their address: known before they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from coolpapers.base.admission import WAIT_S

# Lists of up to 1,000 papers in one answer.
_ENDINGS = ("/export",)
# Parameters that make a search many times as expensive, with their values.
_PARAMETERS = {"mode": "rerank", "explain": "1"}
# Seconds after which a request that has no thread yet is refused. Suggestions are for words that are being typed.
_SUGGESTIONS, SUGGESTION_WAIT_S = "/search/suggest", 2.0
EXPENSIVE_WAIT_S = 10.0


def is_expensive(environ: Mapping[str, Any], *, default_mode: str) -> bool:
    """Whether a request takes many times as long as a page of a search. ``environ`` is that of WSGI.

    What the site does for every search is not: reranking where it is the site's ``default_mode``.
    """
    if str(environ.get("PATH_INFO", "")).rstrip("/").endswith(_ENDINGS):
        return True
    parameters = parse_qs(str(environ.get("QUERY_STRING", "")))
    return any(parameters.get(name, [""])[-1] == value and value != default_mode for name, value in _PARAMETERS.items())


def wait_s(environ: Mapping[str, Any], *, default_mode: str) -> float:
    """Seconds that a request may wait for a thread."""
    if str(environ.get("PATH_INFO", "")).rstrip("/") == _SUGGESTIONS:
        return SUGGESTION_WAIT_S
    return EXPENSIVE_WAIT_S if is_expensive(environ, default_mode=default_mode) else WAIT_S
