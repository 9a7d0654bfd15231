"""Tokens of ours as HTML."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.parser import markdown_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("$a<b$", '<p><span class="math math-inline notranslate" translate="no">\\(a&lt;b\\)</span></p>\n'),
        ("$$a$$ b", '<p><span class="math math-display notranslate" translate="no">\\[a\\]</span> b</p>\n'),
        ("$$a$$", '<div class="math math-display notranslate" translate="no">\\[a\\]</div>\n'),
        ("```math\na\n```", '<div class="math math-display notranslate" translate="no">\\[a\\]</div>\n'),
        ("```math\n\n```", '<pre><code class="language-math">\n</code></pre>\n'),
        ("```latex\na\n```", '<pre><code class="language-latex">a\n</code></pre>\n'),
        ("```\n```", "<pre><code></code></pre>\n"),
    ],
)
def test_formulas_and_fences(text: str, html: str) -> None:
    assert markdown_html(text, partial=False) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("![a *b* $c$](https://d/e.png)", '<a href="https://d/e.png">a <em>b</em> '),
        ("![](https://d/e.png)", '<a href="https://d/e.png">https://d/e.png</a>'),
        ("![a](e.png)", "<p>a</p>"),
        ("![a](data:image/png;base64,x)", "<p>a</p>"),
        ("[![a](https://d/e.png) b](https://f)", '<a href="https://f">a b</a>'),
        ("[a](https://b) ![c](https://d)", '<a href="https://d">c</a>'),
    ],
)
def test_a_picture_becomes_a_link_to_it_or_its_description(text: str, html: str) -> None:
    rendered = markdown_html(text, partial=False)
    assert html in rendered
    assert "<img" not in rendered


def test_a_formula_beyond_the_limits_is_code() -> None:
    assert markdown_html(f"${'x' * 4_001}$", partial=False).startswith("<p><code>xxx")
    assert markdown_html(f"$$\n{'x' * 4_001}\n$$", partial=False).startswith("<pre><code>")
