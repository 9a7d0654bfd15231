"""Cache of rendered summaries, keyed by the text and the version of the renderer."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from django.core.cache import cache
from django.utils.safestring import SafeString

from coolpapers.reading.markup import markdown
from coolpapers.reading.markup.markdown import render_markdown

CACHE_S = 30 * 24 * 3600  # rendering again takes some 5 ms


def cached_markdown(text: str) -> SafeString:
    """:func:`~coolpapers.reading.markup.markdown.render_markdown` of a finished text, rendered once."""
    key = cache_key(text)
    html = cache.get(key)
    if not isinstance(html, SafeString):
        html = render_markdown(text)
        cache.set(key, html, CACHE_S)
    return html


def cache_key(text: str) -> str:
    """The key depends on text and renderer, so no entry ever needs invalidation."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"reading:markdown:{renderer_version()}:{digest}"


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """A digest of the renderer's source and the versions of its packages."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(markdown.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    for package in ("markdown-it-py", "mdit-py-plugins", "nh3"):
        digest.update(version(package).encode())
    return digest.hexdigest()
