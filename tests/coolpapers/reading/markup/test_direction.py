from __future__ import annotations

import pytest

from coolpapers.reading.markup.direction import has_right_to_left
from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title, rendered_formulas

HEBREW = "$a<b$ טענה"


@pytest.mark.parametrize("text", ["טענה", "a ברור", "مقدمة", "ܫܠܡܐ", "𐤀"])
def test_letters_from_right_to_left_are_recognised(text: str) -> None:
    assert has_right_to_left(text)


@pytest.mark.parametrize("text", ["", "plain", "Größe", "中文，注意", "Ελληνικά", "\ufeff"])
def test_other_letters_are_not(text: str) -> None:
    assert not has_right_to_left(text)


def test_each_outermost_block_finds_its_own_direction() -> None:
    text = f"# {HEBREW}\n\n{HEBREW}\n\n- {HEBREW}\n\n> {HEBREW}\n\n| {HEBREW} |\n|---|\n| a |\n\nEnglish\n"
    html = render_markdown(text)
    for tag in ("h1", "p", "ul", "blockquote", "table"):
        assert f'<{tag} dir="auto">' in html
    # An inner block has none: the browser does not count its letters for the direction of the outer one.
    assert html.count('dir="auto"') == 6
    assert "<li>" in html


def test_a_text_without_such_letters_has_no_direction() -> None:
    assert "dir=" not in render_markdown("# a\n\n中文 $x$\n\n- b") + render_abstract("a $x$") + render_title("a $x$")


def test_formulas_do_not_count_for_the_direction() -> None:
    for html in (render_markdown(HEBREW), render_abstract(HEBREW), render_title(HEBREW)):
        assert 'translate="no" dir="ltr">\\(a&lt;b\\)</span>' in html
        assert [formula.tex for formula in rendered_formulas(html)] == ["a<b"]
    assert '<div class="math math-display notranslate" translate="no" dir="ltr">' in render_markdown(
        f"{HEBREW}\n\n$$\nx\n$$"
    )
    assert 'dir="ltr"' in render_markdown(f"{HEBREW}\n\n```math\nx\n```")


def test_readers_cannot_set_a_direction() -> None:
    assert "dir=" not in render_markdown('<p dir="rtl">a</p>').replace('dir="rtl"&gt;', "")
