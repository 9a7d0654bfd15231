from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_markdown, rendered_formulas
from coolpapers.reading.markup.math.delimiters import ENVIRONMENTS, LINE_PREFIX


@pytest.mark.parametrize("name", sorted(ENVIRONMENTS))
def test_each_environment_is_a_display_without_marks(name: str) -> None:
    (formula,) = rendered_formulas(render_markdown(f"\\begin{{{name}}}\na\n\\end{{{name}}}"))
    assert formula.display


@pytest.mark.parametrize("line", ["", "  ", "> ", "- ", "1. > ", "> - "])
def test_what_may_stand_before_a_display(line: str) -> None:
    assert LINE_PREFIX.fullmatch(line)


@pytest.mark.parametrize("line", ["a", "-", "1.", "> a "])
def test_text_may_not(line: str) -> None:
    assert LINE_PREFIX.fullmatch(line) is None
