from __future__ import annotations

import re

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from coolpapers.finding.highlighting import RENDERER
from coolpapers.reading.markup.markdown import render_abstract, render_title
from search.display.highlight import Highlighter, spans_within
from search.display.matching import Span
from search.language.parser import parse_leniently, parse_query


def abstract(query: str, text: str) -> str:
    return Highlighter(parse_query(query), RENDERER).abstract(text)


def without_marks(html: str) -> str:
    return html.replace("<mark>", "").replace("</mark>", "")


def test_words_are_marked_and_the_rest_is_escaped() -> None:
    html = abstract("graph", 'A <a>graph</a> & graphs > "x"')
    assert html == 'A &lt;a&gt;<mark>graph</mark>&lt;/a&gt; &amp; <mark>graphs</mark> &gt; "x"'
    assert isinstance(Highlighter(parse_query("graph"), RENDERER).title("graph"), SafeString)


def test_wildcards_are_marked() -> None:  # regression 12
    assert abstract("transf* atention~", "Transformers pay attention") == (
        "<mark>Transformers</mark> pay <mark>attention</mark>"
    )


@pytest.mark.parametrize(
    ("formula", "rendered"),
    [("$alpha x$", r"\(alpha x\)"), (r"\(alpha x\)", r"\(alpha x\)"), (r"\[alpha = x\]", r"\[alpha = x\]")],
)
def test_a_formula_is_never_split(formula: str, rendered: str) -> None:  # regression 13
    html = abstract("alpha x", f"alpha {formula} alpha")
    assert html.count("<mark>alpha</mark>") == 2
    assert f">{rendered}</span>" in html
    assert not re.search(r'<span class="math[^>]*>[^<]*<mark>', html)


def test_commands_of_tex_are_rendered_and_their_text_is_marked() -> None:
    assert abstract("graph", r"the \emph{graph} of 5\% \textbf{graphs}") == (
        "the <em><mark>graph</mark></em> of 5% <strong><mark>graphs</mark></strong>"
    )


def test_tex_accents_are_decoded_before_parsing_words() -> None:
    assert abstract("Schrodinger", 'the Schr\\"odinger equation') == "the <mark>Schrödinger</mark> equation"


def test_chinese_is_marked_as_one_stretch() -> None:
    assert abstract("注意力机制", "基于注意力机制的模型") == "基于<mark>注意力机制</mark>的模型"


def test_a_snippet_marks_omissions_with_dots() -> None:
    text = "First words. " * 40 + "A graph of $x + y$ here. " + "Last words. " * 40
    html = Highlighter(parse_query("graph"), RENDERER).snippet(text, length=80)
    assert html.startswith("… ")
    assert html.endswith(" …")
    assert "<mark>graph</mark>" in html
    assert Highlighter(parse_query("graph"), RENDERER).snippet("A graph.") == "A <mark>graph</mark>."


TEXTS = st.text(alphabet="ab <>&\"'$\\()[]{}_^~`\n字é", max_size=60)


@settings(max_examples=300)
@given(TEXTS, st.sampled_from(["a b", "ab*", '"a b"', "字", "é", "a~"]))
def test_highlighting_only_adds_marks(text: str, query: str) -> None:
    highlighter = Highlighter(parse_leniently(query), RENDERER)
    assert without_marks(highlighter.abstract(text)) == render_abstract(text)
    assert without_marks(highlighter.title(text)) == render_title(text)
    assert not re.search(r'<span class="math[^>]*>[^<]*<mark>', highlighter.abstract(text))


@settings(max_examples=200)
@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_and_any_query_give_html(text: str, query: str) -> None:
    highlighter = Highlighter(parse_leniently(query), RENDERER)
    highlighter.snippet(text, length=20)
    assert "<script" not in highlighter.abstract(text + "<script>")


def test_a_part_has_the_spans_that_lie_in_it() -> None:
    text = "a graph of a graph"
    spans = [Span(2, 7, 0), Span(13, 18, 0)]
    assert spans_within(spans, text, 8, len(text)) == [Span(5, 10, 0)]
    assert spans_within(spans, text, 0, 7) == [Span(2, 7, 0)]


@pytest.mark.parametrize(("start", "end"), [(4, 18), (0, 5), (0, 12), (9, 18)])
def test_a_part_that_cuts_a_word_or_a_span_is_read_anew(start: int, end: int) -> None:
    assert spans_within([Span(8, 18, 0)], "a graph of a graph", start, end) is None


LINE_WORDS = ["graph", "graphs", "multi-task", "of", "the", "(deep", "net)", "x", "naïve", "~"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(LINE_WORDS), max_size=90))
def test_a_line_is_marked_as_if_it_stood_alone(words: list[str]) -> None:
    query = parse_leniently('graph "deep net" multitask')
    line = Highlighter(query, RENDERER).line(" ".join(words), length=60).removeprefix("… ").removesuffix(" …")
    assert line == Highlighter(query, RENDERER).line(without_marks(line), length=10_000)
