"""Rendered summaries are kept, by text and renderer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils.safestring import SafeString

from coolpapers.reading.markup.markdown import render_markdown
from coolpapers.reading.pages import rendercache
from coolpapers.reading.pages.rendercache import cache_key, cached_markdown, renderer_version

TEXT = "**Let** $x_1 < y$ <script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_the_cached_html_equals_the_rendered_html_and_is_safe() -> None:
    first, second = cached_markdown(TEXT), cached_markdown(TEXT)
    assert first == second == render_markdown(TEXT)
    assert isinstance(second, SafeString)


def test_a_text_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cached_markdown(TEXT)

    def fail(text: str) -> SafeString:
        raise AssertionError(text)

    monkeypatch.setattr(rendercache, "render_markdown", fail)
    assert "math-inline" in cached_markdown(TEXT)
    with pytest.raises(AssertionError):
        cached_markdown(TEXT + ".")


def test_another_renderer_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache_key(TEXT)
    monkeypatch.setattr(rendercache, "renderer_version", lambda: "other")
    assert cache_key(TEXT) != key
    assert len(renderer_version()) == 16


def test_a_cached_value_that_is_not_safe_html_is_ignored() -> None:
    cache.set(cache_key(TEXT), "<script>alert(1)</script>")
    assert cached_markdown(TEXT) == render_markdown(TEXT)


def test_lone_surrogates_are_no_error() -> None:
    assert "math" in cached_markdown("$x$ \ud800")
