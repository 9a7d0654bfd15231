"""Safe HTML of titles, abstracts and summaries."""

from __future__ import annotations

import threading

import pytest
from django.utils.html import escape
from django.utils.safestring import SafeString
from hypothesis import example, given
from hypothesis import strategies as st

from coolpapers.reading.markup.latex.events import events_to_html
from coolpapers.reading.markup.latex.text import is_plain, read_text
from coolpapers.reading.markup.markdown import (
    RenderedFormula,
    plain_text,
    render_abstract,
    render_markdown,
    render_title,
    rendered_formulas,
)
from coolpapers.reading.markup.repairs import mend_text
from coolpapers.reading.markup.sanitize import sanitize
from tests.coolpapers.reading.markup.golden import all_cases


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


def test_markdown_and_formulas_come_out_together() -> None:
    html = render_markdown("**Loss** $a*b*c$:\n$$\nL = x\n- y\n$$\nend *now*")
    assert "<strong>Loss</strong>" in html
    assert r"\(a*b*c\)" in html
    assert '<div class="math math-display notranslate" translate="no">\\[\nL = x\n- y\n\\]</div>' in html
    assert "<p>end <em>now</em></p>" in html


@pytest.mark.parametrize("render", [render_markdown, render_abstract, render_title])
def test_what_they_return_is_marked_safe(render: object) -> None:
    assert callable(render)
    assert isinstance(render("<b>"), SafeString)
    assert render("") == ""


class TestSearchMarks:
    def test_they_reach_the_text_and_never_a_formula(self) -> None:
        html = render_abstract(
            "alpha $alpha + 1$ \\emph{alpha}", mark=lambda text: text.replace("alpha", "<mark>a</mark>")
        )
        assert html.count("<mark>") == 2
        assert r"\(alpha + 1\)" in html

    def test_the_marker_sees_whole_words_as_a_reader_does(self) -> None:
        seen: list[str] = []

        def mark(text: str) -> str:
            seen.append(text)
            return escape(text)

        render_title(r"Hyphen\-ation of H\"older \& co, $x$ {BERT}s", mark=mark)
        assert seen == ["Hyphenation of Hölder & co, ", " BERTs"]

    def test_what_the_marker_returns_is_sanitised_too(self) -> None:
        assert "<script" not in render_abstract("a", mark=lambda text: f"<script>{text}</script>")


class TestPlainText:
    def test_it_keeps_formulas_as_written_and_drops_markup(self) -> None:
        assert plain_text(r"We gain 5\% with \textbf{Foo} on $x_1$.") == r"We gain 5% with Foo on $x_1$."

    def test_it_drops_links_and_citations_and_keeps_paragraphs(self) -> None:
        text = "Code: \\url{https://a.b} \\cite{c}.\n\nMore \\href{https://d}{e}."
        assert plain_text(text) == "Code: https://a.b.\n\nMore e."


class TestRenderedFormulas:
    def test_they_are_found_in_order_with_their_tex(self) -> None:
        html = render_markdown("$a<b$\n\n$$\nc & d\n$$\n\n`$e$` \\(f\\) \\[\\text{\\]}\\]")
        assert rendered_formulas(html) == [
            RenderedFormula("a<b", False),
            RenderedFormula("\nc & d\n", True),
            RenderedFormula("f", False),
            RenderedFormula("\\text{\\]}", True),
        ]

    @pytest.mark.parametrize("case", [case for case in all_cases() if case.formulas and case.kind == "markdown"])
    def test_they_are_the_formulas_of_the_golden_cases(self, case: object) -> None:
        formulas = getattr(case, "formulas", [])
        html = render_markdown(getattr(case, "text", ""))
        assert [(" ".join(formula.tex.split()), formula.display) for formula in rendered_formulas(html)] == [
            (" ".join(tex.split()), display) for tex, display in formulas
        ]


def test_threads_do_not_disturb_each_other() -> None:
    texts = [f"*a* ${'x' * n}$ [b](http://c) \n\n- $$y_{n}$$\n" * 20 for n in range(1, 9)]
    wanted = [render_markdown(text) for text in texts]
    found: dict[int, str] = {}

    def work(number: int) -> None:
        for _ in range(5):
            found[number] = render_markdown(texts[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(len(texts))] == wanted


@given(st.text(max_size=60))
@example("plain text, and 'quotes' – naïve")
@example("a\u00a0b")
@example("  blanks  ")
def test_a_plain_text_is_what_reading_and_cleaning_make_of_it(text: str) -> None:
    if is_plain(text):
        events = read_text(mend_text(text))
        assert render_abstract(text) == sanitize(events_to_html(events, mark=None, display=True))
        assert render_title(text) == text


def test_marks_of_other_elements_are_cleaned() -> None:
    assert (
        render_abstract("a word", mark=lambda plain: f"<script>1</script><mark>{plain}</mark>") == "<mark>a word</mark>"
    )
    assert render_title("a word", mark=lambda plain: f"<b>{plain}</b>") == "a word"
