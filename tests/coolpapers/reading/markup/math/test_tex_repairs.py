"""What was done to TeX on its way here."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.math.tex_repairs import mend_tex, unwrap


@pytest.mark.parametrize(
    ("tex", "mended"),
    [
        ("a &lt; b &amp;&amp; c &gt; &quot;", 'a < b && c > "'),
        ("&amp;lt;", "&lt;"),
        ("f&#39;(x) &apos; g&#x27;", "f'(x) ' g'"),
        ("a&nbsp;b &le; c &#8804; d&times;e", "a~b ≤ c ≤ d×e"),
        ("50&#37; &#36;", r"50\% \$"),
        (r"\begin{matrix}a&lt;b&pi;\end{matrix}", r"\begin{matrix}a<b&pi;\end{matrix}"),
        ("a & b; c &foo; d", "a & b; c &foo; d"),
    ],
)
def test_entities_are_decoded_once(tex: str, mended: str) -> None:
    assert mend_tex(tex) == mended


@pytest.mark.parametrize(
    ("tex", "mended"),
    [
        (r"\\alpha + \\beta", r"\alpha + \beta"),
        (r"\\frac{a}{b} + \\alpha_1", r"\frac{a}{b} + \alpha_1"),
        (r"\\{x \\in \\mathbb{R}\\,\\}", r"\{x \in \mathbb{R}\,\}"),
        (r"\\begin{cases}a & b \\\\ c\\end{cases}", r"\begin{cases}a & b \\ c\end{cases}"),
        (r"\\sum_{\\substack{a\\\\b}} x", r"\sum_{\substack{a\\b}} x"),
    ],
)
def test_doubled_backslashes_are_halved_where_all_are_doubled(tex: str, mended: str) -> None:
    assert mend_tex(tex) == mended


@pytest.mark.parametrize(
    "tex",
    [
        r"\sum_{\substack{i\in A\\j\in B}} x_{ij}",
        r"\max_{\substack{x\\y}} f",
        r"\shortstack{a\\beta}",
        r"\begin{matrix}a\\beta\end{matrix}",
        r"x=1\\y=2",
        r"a \\ b",
        r"a\\[2pt]b",
        r"\\alpha \\",
        r"\\alpha \beta",
        r"a\\S b",
    ],
)
def test_a_row_ends_where_single_backslashes_stand_beside_or_no_command_follows(tex: str) -> None:
    assert mend_tex(tex) == tex


def test_names_that_lost_their_beginning_to_json_get_it_back() -> None:
    assert mend_tex("x \to y\tau\neq\nabla\nho") == r"x \to y\tau\neq\nabla\rho"


def test_line_ends_and_tabs_stay_where_nothing_was_lost() -> None:
    assert mend_tex("a\n= b\neqn\tother") == "a\n= b\neqn\tother"
    assert mend_tex("a\n\to = 1\n\tan = 2") == "a\n\to = 1\n\tan = 2"


@pytest.mark.parametrize("tex", ["$$\na = b\n$$", " $a = b$ ", r"\[a = b\]", r" \(a = b\) "])
def test_a_second_pair_of_marks_goes(tex: str) -> None:
    assert unwrap(tex).strip() == "a = b"


@pytest.mark.parametrize("tex", ["$a$ and $b$", r"\(a\) and \(b\)", r"\text{if $x$}", r"\[2pt]", "$", "$$", ""])
def test_other_marks_inside_stay(tex: str) -> None:
    assert unwrap(tex) == tex
