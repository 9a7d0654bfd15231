"""Safe HTML of titles, abstracts and summaries."""

from __future__ import annotations

from coolpapers.reading.markdown import plain_text, render_abstract, render_markdown, render_title


def test_it_marks_the_formulas_of_an_abstract_and_keeps_their_tex() -> None:
    html = render_abstract(r"Cost $O(n^2) < \alpha$ \emph{here}.")
    assert html == (
        r'Cost <span class="math math-inline notranslate" translate="no">\(O(n^2) &lt; \alpha\)</span> <em>here</em>.'
    )


def test_a_title_has_neither_links_nor_display_formulas() -> None:
    html = render_title(r"A $$x^2$$ title, \url{https://example.org}")
    assert r"\(x^2\)" in html
    assert "<a" not in html
    assert "https://example.org" in html


def test_search_marks_reach_the_text_and_never_a_formula() -> None:
    html = render_abstract("alpha $alpha + 1$", mark=lambda text: text.replace("alpha", "<mark>alpha</mark>"))
    assert html.count("<mark>") == 1
    assert r"\(alpha + 1\)" in html


def test_plain_text_keeps_formulas_as_written_and_drops_markup() -> None:
    assert plain_text(r"We gain 5\% with \textbf{Foo} on $x_1$.") == r"We gain 5% with Foo on $x_1$."


def test_markdown_and_formulas_come_out_together() -> None:
    html = render_markdown("**Loss** $a*b*c$:\n$$\nL = x\n- y\n$$\nend *now*")
    assert "<strong>Loss</strong>" in html
    assert r"\(a*b*c\)" in html
    assert '<div class="math math-display notranslate" translate="no">\\[\nL = x\n- y\n\\]</div>' in html
    assert "<p>end <em>now</em></p>" in html
