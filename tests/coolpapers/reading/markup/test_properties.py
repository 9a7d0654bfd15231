"""What holds for every text (docs/reference/markdown.md, "What always holds"), on golden and on random texts."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title
from coolpapers.reading.markup.math.spans import split_math
from tests.coolpapers.reading.markup.golden import all_cases
from tests.coolpapers.reading.markup.judge import Verdict

SETTINGS = settings(max_examples=150)
TEXTS = [case.text for case in all_cases() if case.kind == "markdown"]
PIECES = [
    "$", "$$", "$$\n", "\\(", "\\)", "\\[", "\\]", "\\", "{", "}", "(", ")", "[", "]", "](", "`", "```\n", "|", "*",
    "**", "_", "~~", "<", ">", "&lt;", "<br>", "<sub>", "\n", "\n\n", "- ", "> ", "1. ", "# ", "---\n", "    ",
    "| a | b |\n|---|---|\n", "\\begin{align}", "\\end{align}", "\\text{", "\\textbf{", "{\\bf ", "\\cite{", "a", "x_1",
    "5", " ", "中", "，", "\t", "~", "``", "''", "<script>", "javascript:", "http://e.example", "[^1]", "[^1]: ", "!",
    "\x08", "\ud800", "\x00",
]  # fmt: skip
MIXES = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
RENDERERS: list[Callable[[str], str]] = [
    render_markdown,
    lambda text: render_markdown(text, partial=True),
    render_abstract,
    render_title,
]


def formulas(html: str) -> list[tuple[str, bool]]:
    return Verdict(html).formulas


class TestAPartialText:
    """Property a: what is shown while a text is being written is how the finished text begins."""

    # A letter at the very end is shown at once (waiting for a space would hold back each formula of a sentence
    # for one token), so a digit right behind it can still undo it: R2 a.
    SETTLED = [text for text in TEXTS if not re.search(r"\$[A-Za-z]\$\d", text)]

    @pytest.mark.parametrize("text", [text for text in SETTLED if len(text) < 400])
    def test_each_prefix_shows_a_prefix_of_the_formulas(self, text: str) -> None:
        finished = formulas(render_markdown(text))
        for end in range(len(text) + 1):
            shown = formulas(render_markdown(text[:end], partial=True))
            assert shown == finished[: len(shown)], text[:end]

    @SETTINGS
    @given(st.lists(st.sampled_from(SETTLED), min_size=1, max_size=3).map("\n\n".join), st.data())
    def test_so_does_a_prefix_of_several_texts(self, text: str, data: st.DataObject) -> None:
        end = data.draw(st.integers(0, len(text)))
        shown = formulas(render_markdown(text[:end], partial=True))
        assert shown == formulas(render_markdown(text))[: len(shown)]


@SETTINGS
@given(st.one_of(MIXES, st.sampled_from(TEXTS)))
def test_rendering_twice_gives_the_same(text: str) -> None:
    assert render_markdown(text) == render_markdown(text)
    assert render_abstract(text) == render_abstract(text)


class TestWrappingAndJoining:
    """Properties c and d: containers and neighbours change no formula."""

    # Indented code cannot be the first thing in an item.
    MOVABLE = [text for text in TEXTS if not text.startswith("    ")]

    @pytest.mark.parametrize("text", MOVABLE)
    @pytest.mark.parametrize(("first", "rest"), [("> ", "> "), ("- ", "  "), ("> > ", "> > "), ("1. > ", "   > ")])
    def test_a_quote_or_an_item_keeps_the_formulas(self, text: str, first: str, rest: str) -> None:
        lines = re.split(r"\r\n?|\n", text)
        wrapped = "\n".join((rest if number else first) + line for number, line in enumerate(lines))
        assert formulas(render_markdown(wrapped)) == formulas(render_markdown(text))

    @SETTINGS
    @given(st.sampled_from(TEXTS), st.sampled_from(MOVABLE))
    def test_two_texts_keep_theirs(self, first: str, second: str) -> None:
        assume(first.count("```") % 2 == 0)  # a fence left open makes code of all that follows
        together = formulas(render_markdown(f"{first}\n\n{second}"))
        assert together == formulas(render_markdown(first)) + formulas(render_markdown(second))


class TestRandomTexts:
    """Property e: no exception, nothing that runs, whatever comes."""

    @pytest.mark.parametrize("render", RENDERERS)
    @SETTINGS
    @given(text=MIXES)
    def test_mixes_of_marks_give_safe_html(self, render: Callable[[str], str], text: str) -> None:
        assert Verdict(render(text)).unsafe == []

    @pytest.mark.parametrize("render", RENDERERS)
    @SETTINGS
    @given(text=st.text(st.characters()))
    def test_any_characters_give_safe_html(self, render: Callable[[str], str], text: str) -> None:
        assert Verdict(render(text)).unsafe == []

    @pytest.mark.parametrize("render", RENDERERS)
    @SETTINGS
    @given(content=st.binary())
    def test_any_bytes_give_safe_html(self, render: Callable[[str], str], content: bytes) -> None:
        assert Verdict(render(content.decode("utf-8", "surrogateescape"))).unsafe == []

    @SETTINGS
    @given(text=st.one_of(MIXES, st.text()))
    @example(text="a $x$ b $$y$$")
    def test_the_pieces_of_a_text_are_the_text(self, text: str) -> None:
        pieces = split_math(text)
        assert "".join(piece.text for piece in pieces) == text
        assert all(text[piece.start : piece.end] == piece.text for piece in pieces)


class TestTextInsideAFormula:
    """Property f: what stands in ``\\text{}`` changes nothing outside."""

    @SETTINGS
    @example(inserted="1\n>\n1", frame=("$", "$"))
    @example(inserted="1\n> >\n1", frame=("$$", "$$"))
    @given(
        inserted=st.text(st.sampled_from("ab1 $|*_<>&#-+`~[]().,中，\n"), max_size=30).filter(
            lambda text: not re.search(r"\n\s*\n|^\s*\n|\n\s*$", text)
        ),
        frame=st.sampled_from([("$", "$"), ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]")]),
    )
    def test_the_text_around_stays(self, inserted: str, frame: tuple[str, str]) -> None:
        formula = f"{frame[0]}a + \\text{{{inserted}}} = b{frame[1]}"
        verdict = Verdict(render_markdown(f"*before* {formula} **after** $c$"))
        assert verdict.visible == "<p><em>before</em> ⟦math⟧ <strong>after</strong> ⟦math⟧</p>\n"
        assert len(verdict.formulas) == 2


class TestEffort:
    """Property e: effort grows as the text does. Calls are counted; time is compared as a ratio with much slack."""

    UNITS = [
        *(piece for piece in PIECES if piece.isprintable() or "\n" in piece),
        "$a ", "$a\n", "\\[\n", "\\(\n- a\n", "\\begin{align}\n", "$x_{", "${", "}$", "$x\n# a\n", "$x\n- a\n",
        "> $$\n", "- $$\n", "$$\n\n- a\n", "*a ", "[a](", "![", "[$", "$`", "`$", "$|$", "| $a|b$ | c |\n",
        "\\textsc{", "\\href{", "</sub>", "[^1]: a\n", "a $$\n- b\n", "$\\text{", "\\textbf{$x$ ",
        "http://a.b/", "&amp; ", "{$ ", "\\frac{", "\\frac", "\\sqrt{a", "\\ours ", "\\SI{", "<i>", "</i>", "<i>a</i>",
        "&lt;i&gt;", "\\log ", "\\frac\\frac", "$$\na\n\n", "\\[\na\n\n", "\\begin{align}\na\n\n", "> $$\n>\n",
        "\\[a\\] ",
        "$a% $", "$\\text{a_$", "$x^a^$", "$\\e$", "$\\begin{align}", "$x\\begin{align}a\\end{align}$ ", "$a $",
        "x\n$$\na\n\nb\n$$\n", "$$x\n\n$$\n", "$a$\n", "$a\nb", "א $a$ ", "- א\n", "^{\\a", "x^{\\a}",
    ]  # fmt: skip

    @pytest.mark.parametrize("unit", UNITS)
    @pytest.mark.parametrize("render", [render_markdown, render_abstract], ids=["markdown", "abstract"])
    def test_calls_grow_with_the_length(self, render: Callable[[str], str], unit: str) -> None:
        short, long = unit * (1_500 // len(unit)), unit * (6_000 // len(unit))
        assert count_calls(render, long) < 4 * 1.6 * count_calls(render, short) + 2_000

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(lambda n: "$" * 10 * n, id="dollars"),
            pytest.param(lambda n: "\\[\n" * (n // 4), id="brackets"),
            pytest.param(lambda n: "\\begin{align}\n" * (n // 8), id="environments"),
            pytest.param(lambda n: "${" * (n // 4) + "$}" * (n // 4), id="groups"),
            pytest.param(lambda n: "$" + "x^{" * (n // 2) + "}" * (n // 2) + "$", id="exponents"),
            pytest.param(lambda n: "| a | b |\n|---|---|\n" + "| $a|b$ | $c|d$ |\n" * (n // 32), id="table"),
            pytest.param(lambda n: "`" + "$a$ " * (n // 8), id="backtick"),
            pytest.param(lambda n: "{" + "a" * n, id="letters"),
            pytest.param(lambda n: "\\foo" + "[a]" * (n // 2), id="options"),
            pytest.param(lambda n: "a" + " " * n + "\\emph", id="spaces"),
            pytest.param(lambda n: "\\" * n, id="backslashes"),
        ],
    )
    def test_time_grows_far_slower_than_the_square(self, text: Callable[[int], str]) -> None:
        for render in (render_markdown, render_abstract):
            short, long = (min(cpu_seconds(render, text(n)) for _ in range(3)) for n in (4_000, 32_000))
            assert long < 30 * short + 0.05  # eight times the text; the square would be 64

    @pytest.mark.parametrize("depth", [50, 150, 5_000])
    @pytest.mark.parametrize(
        "unit", ["> ", "- ", "1. > ", "[", "![", "\\textbf{", "\\textsc{", "{\\bf ", "*_", "$\\text{"]
    )
    def test_no_depth_is_too_much(self, unit: str, depth: int) -> None:
        for render in RENDERERS:
            assert Verdict(render(unit * depth + "a")).unsafe == []


def count_calls(render: Callable[[str], str], text: str) -> int:
    """Python and C functions called while rendering."""
    render(text[:100])  # caches and the parser itself are made here
    with profiled() as calls:
        render(text)
    return calls[0]


@contextmanager
def profiled() -> Iterator[list[int]]:
    calls = [0]

    def count(frame: Any, event: str, argument: Any) -> None:
        calls[0] += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(previous)


def cpu_seconds(render: Callable[[str], str], text: str) -> float:
    start = time.process_time()
    render(text)
    return time.process_time() - start
