from __future__ import annotations

import pytest

from coolpapers.reading.errors import NothingToSummarize
from coolpapers.reading.markup.markdown import render_markdown
from coolpapers.reading.summarizers import SummaryText
from coolpapers.reading.summarizers.extractive import ExtractiveSummarizer


def write(abstract: str, *, language: str = "en", full_text: str = "") -> str:
    text = SummaryText("On Sorting", ("A",), abstract, full_text, language)
    (progress,) = ExtractiveSummarizer().write(text)
    assert progress.n_done == progress.n_total
    return progress.markdown


def test_the_digest_is_sentences_under_questions() -> None:
    assert write("Sorting is slow. We propose a fast way. It needs $O(n)$ steps.") == (
        "### What problem does the paper look at?\n\nSorting is slow.\n\n"
        "### What does it do about it?\n\nWe propose a fast way.\n\n"
        "### What does it find?\n\nIt needs $O(n)$ steps.\n"
    )


def test_headings_are_in_the_readers_language_and_fall_back_to_english() -> None:
    assert write("We propose a way.", language="zh").startswith("### 它怎么做？\n\nWe propose")
    assert write("We propose a way.", language="de").startswith("### What does it do")


def test_prose_is_shown_as_it_is_whatever_markdown_would_make_of_it() -> None:
    html = render_markdown(
        write("We use *stars*, snake_case_names, [a](b) and <b>tags</b> for $a_1 * b_2$ and C# here.")
    )
    assert "*stars*, snake_case_names, [a](b) and &lt;b&gt;tags&lt;/b&gt;" in html
    assert r"\(a_1 * b_2\)" in html
    assert "C# here" in html


@pytest.mark.parametrize("start", ["1. Introduction matters here.", "- A dash begins this one.", "# A mark begins."])
def test_a_sentence_does_not_become_a_list_or_heading(start: str) -> None:
    html = render_markdown(write(start))
    assert "<li>" not in html
    assert "<h1>" not in html
    assert start in html


def test_a_full_text_adds_a_section() -> None:
    body = "The comparators are arranged in rounds, and every round touches each of the elements once. " * 2
    assert "### What else does the full text say?\n\nThe comparators" in write("We sort.", full_text=body)


def test_without_any_text_it_says_so() -> None:
    with pytest.raises(NothingToSummarize):
        write("")
