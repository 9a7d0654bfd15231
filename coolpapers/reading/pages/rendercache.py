"""Rendered summaries, kept in Django's cache by what they are made of: the text and the renderer."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.core.cache import cache
from django.utils.safestring import SafeString

from coolpapers.reading.markup import markdown
from coolpapers.reading.markup.markdown import render_markdown

KEPT_S = 30 * 24 * 3600  # a text that nobody opens for a month may be rendered again: some 5 ms


def cached_markdown(text: str) -> SafeString:
    """:func:`~coolpapers.reading.markup.markdown.render_markdown` of a finished text, rendered once."""
    key = cache_key(text)
    html = cache.get(key)
    if not isinstance(html, SafeString):
        html = render_markdown(text)
        cache.set(key, html, KEPT_S)
    return html


def cache_key(text: str) -> str:
    """Another text or another renderer, another key: nothing needs to be thrown away."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"reading:markdown:{renderer_version()}:{digest}"


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """A digest of the renderer's own source and of the packages it stands on, so that nobody has to count it up."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(markdown.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    for package in ("markdown-it-py", "mdit-py-plugins", "nh3"):
        digest.update(version(package).encode())
    return digest.hexdigest()
