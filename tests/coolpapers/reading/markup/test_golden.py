"""The golden cases, the shared cases, and the judge itself."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.coolpapers.reading.markup.golden import all_cases, categories, read_shared_cases, render
from tests.coolpapers.reading.markup.judge import Case, Verdict, complaints
from tests.shared_data import SHARED, needs_shared

# As many categories as the shared cases have; each of ours has a file.
SHARED_CATEGORIES = {
    "abstract", "bare_env", "cjk", "code", "currency", "digit_adjacent", "display_dollar", "emphasis_chars", "escapes",
    "headings_links", "html_chars", "inline_dollar", "json_damage", "lists_quotes", "llm_html", "llm_mixed",
    "padded_dollar", "paren_bracket", "partial", "plain_markdown", "robust", "table", "tex_text", "text_nested",
    "title", "unbalanced", "xss",
}  # fmt: skip


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_a_golden_case_comes_out_as_written(case: Case) -> None:
    html = render(case)
    assert complaints(case, html) == [], html


def test_every_category_of_the_shared_cases_has_golden_cases_of_ours() -> None:
    assert set(categories()) >= SHARED_CATEGORIES
    assert len(all_cases()) >= 80


class TestTheSharedCases:
    pytestmark = needs_shared

    def test_all_of_them_come_out_in_every_category(self) -> None:
        total, passed, wrong = Counter[str](), Counter[str](), []
        for category, case in read_shared_cases(SHARED / "math_cases.jsonl"):
            found = complaints(case, render(case))
            total[category] += 1
            passed[category] += not found
            wrong += [f"{case.name}: {complaint}" for complaint in found]
        rates = ", ".join(f"{category} {100 * passed[category] // total[category]} %" for category in sorted(total))
        assert wrong == [], rates
        assert set(total) == SHARED_CATEGORIES


class TestTheJudge:
    def test_it_finds_formulas_and_leaves_a_mark_in_their_place(self) -> None:
        verdict = Verdict(r'<p>a <span class="math x">\(b &lt; c\)</span> d</p><div class="math">\[e\]</div>')
        assert verdict.formulas == [("b < c", False), ("e", True)]
        assert verdict.visible == "<p>a ⟦math⟧ d</p>⟦math⟧"

    @pytest.mark.parametrize(
        "html",
        [
            "<script>",
            "<p onclick=x>",
            '<a href=" java\nscript:x">',
            "<img src=data:x>",
            "<!-- x -->",
            '<p style="x">',
            "<svg/>",
        ],
    )
    def test_it_calls_unsafe_what_is(self, html: str) -> None:
        assert Verdict(html).unsafe

    def test_it_complains_about_each_unmet_wish(self) -> None:
        case = Case("c", "markdown", "", [("x", False)], shows=["a"], hides=["b"])
        assert len(complaints(case, "b")) == 3
