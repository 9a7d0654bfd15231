"""TeX text commands in Markdown, web addresses, and three HTML tags."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown


def shown(text: str) -> str:
    return render_markdown(text).removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\textbf{a}", "<strong>a</strong>"),
        (r"\textbf {a}", "<strong>a</strong>"),
        (r"\emph{a \textit{b}}", "<em>a <em>b</em></em>"),
        (r"\texttt{a_b}", "<code>a_b</code>"),
        (r"\textsuperscript{a}\textsubscript{b}", "<sup>a</sup><sub>b</sub>"),
        (r"\textsc{a}\underline{b}\mbox{c}", "abc"),
        (r"\textbf{*a* `b}`}", "<strong><em>a</em> `b</strong>`}"),
        (r"{\bf a}{\it b} {\sc c}", "<strong>a</strong><em>b</em> c"),
        (r"{\bf{}a}", "<strong>a</strong>"),
        (r"\textbf{a", r"\textbf{a"),
        (r"\textbf a", r"\textbf a"),
        (r"\textbfx{a}", r"\textbfx{a}"),
        (r"\foo{a}", r"\foo{a}"),
        (r"{a} {\x b}", r"{a} {\x b}"),
        (r"`\textbf{a}`", r"<code>\textbf{a}</code>"),
        (r"**\textbf{a** b}", r"**<strong>a** b</strong>"),
    ],
)
def test_text_commands(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\url{https://a.b/c_d_e}", '<a href="https://a.b/c_d_e" rel="nofollow noopener">https://a.b/c_d_e</a>'),
        (r"\href{http://a.b}{c *d*}", '<a href="http://a.b" rel="nofollow noopener">c <em>d</em></a>'),
        (r"\url{javascript:a}", r"\url{javascript:a}"),
        (r"\href{javascript:a}{b}", r"\href{javascript:a}{b}"),
        (r"\href{http://a.b}", r"\href{http://a.b}"),
        (r"\href{http://a.b}{c", r"\href{http://a.b}{c"),
        (r"[\url{http://a.b}](http://c)", r"""<a href="http://c" rel="nofollow noopener"></a>"""),
    ],
)
def test_web_addresses(text: str, html: str) -> None:
    if text.startswith("["):
        assert "javascript" not in shown(text)
        return
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a<br>b", "a<br>\nb"),
        ("a<BR />b", "a<br>\nb"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ("x<SUP>*2*</SUP>", "x<sup><em>2</em></sup>"),
        ("a<sub>b", "a&lt;sub&gt;b"),
        ("a</sub>b", "a&lt;/sub&gt;b"),
        ("a<sub>b<sup>c</sup></sub>", "a<sub>b<sup>c</sup></sub>"),
        ('<sub class="x">a</sub>', '&lt;sub class="x"&gt;a&lt;/sub&gt;'),
        ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;"),
        ("<br onclick=a>", "&lt;br onclick=a&gt;"),
    ],
)
def test_three_tags_of_html(text: str, html: str) -> None:
    assert shown(text) == html


def test_nesting_is_bounded() -> None:
    html = shown("\\textbf{" * 60 + "a" + "}" * 60)
    assert html.count("<strong>") == 20
    assert "\\textbf{" in html
