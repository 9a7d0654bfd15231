"""Formulas on the site's own pages: a long list scrolled twice, a translator, summaries, a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from coolpapers.papers.models import Paper
from coolpapers.reading.models import Summary
from tests.browser.reading.test_math import TRANSLATOR
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.reading.made import make_finished

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

N_PAPERS = 60
FORMULAS_EACH = 4
WIDE = "+".join(rf"\frac{{a_{{{n}}}}}{{b_{{{n}}}}}" for n in range(60))
# About 1,780 pixels wide; MathJax breaks no line inside a fraction.
UNBREAKABLE = r"\frac{" + "+".join(rf"a_{{{n}}}" for n in range(60)) + "}{b}"
SCREENS = Path(__file__).parents[3] / "build" / "screens"

ALL_SET = """() => {
  const visible = [...document.querySelectorAll('.math')].filter(e => {
    const box = e.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; });
  return visible.every(e => e.dataset.math === 'typeset' && e.querySelector('mjx-math'));
}"""


# The number of papers before, and whether the page ends here.
SCROLL_ON = """async () => {
  const n = document.querySelectorAll("article.paper").length;
  scrollBy(0, innerHeight * 0.8);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [n, scrollY + innerHeight >= document.documentElement.scrollHeight - 2];
}"""


@pytest.fixture
def formulas() -> None:
    """Sixty papers of one day, each with a formula in its title and three in its abstract."""
    for number in range(N_PAPERS):
        make_paper(
            day=MONDAY,
            title=rf"On $x_{{{number}}}$",
            abstract=rf"For $\alpha_{{{number}}} < \beta$: $$\sum_{{i=1}}^{{{number}}} \frac{{1}}{{i}}$$ and \(y^2\).",
        )


def scroll_through(page: Page) -> None:
    """Scroll to the last card; at each screen wait until its formulas are typeset."""
    page.evaluate("scrollTo(0, 0)")
    while True:
        wait_for(page, ALL_SET)
        n_papers, is_at_end = page.evaluate(SCROLL_ON)
        if is_at_end and n_papers == N_PAPERS:
            break
        if is_at_end:
            wait_for(page, "n => document.querySelectorAll('article.paper').length > n", n_papers)
    wait_for(page, ALL_SET)


@pytest.mark.slow
def test_a_list_of_sixty_papers_scrolled_twice_has_each_formula_set_once(page: Page, formulas: None) -> None:
    page.goto("/arxiv/cs.CL?density=full")
    scroll_through(page)
    scroll_through(page)
    assert page.locator("article.paper").count() == N_PAPERS
    counts = page.evaluate(
        "[...document.querySelectorAll('.math')].map(e => e.querySelectorAll('mjx-container').length)"
    )
    assert counts == [1] * (N_PAPERS * FORMULAS_EACH)
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.slow
def test_batches_loaded_while_a_translator_is_at_work_keep_their_formulas(page: Page, formulas: None) -> None:
    page.goto("/arxiv/cs.CL?density=full")
    page.evaluate(TRANSLATOR)
    scroll_through(page)
    assert page.locator("article.paper").count() == N_PAPERS
    assert page.locator("font").count() >= N_PAPERS
    assert page.locator(".math font").count() == 0
    counts = page.evaluate(
        "[...document.querySelectorAll('.math')].map(e => e.querySelectorAll('mjx-container').length)"
    )
    assert counts == [1] * (N_PAPERS * FORMULAS_EACH)


@pytest.mark.slow
def test_the_starter_summaries_have_no_formula_that_mathjax_refuses(page: Page) -> None:
    call_command("load_starter", verbosity=0)
    n_formulas = 0
    for summary in Summary.objects.exclude(markdown="").select_related("paper"):
        page.goto(f"{summary.paper.get_absolute_url()}")
        link = page.locator("[data-action=summary]").first.get_attribute("href")
        assert link is not None
        page.goto(link)
        wait_for(page, "[...document.querySelectorAll('.math')].every(e => e.dataset.math)")
        # Printing has those below the fold set too.
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        wait_for(page, "[...document.querySelectorAll('.math')].every(e => e.querySelector('mjx-math'))")
        assert page.locator("mjx-merror").count() == 0
        n_formulas += page.locator(".summary .math").count()
    assert n_formulas > 100


@pytest.mark.parametrize("width", [360, 1280])
def test_a_wide_formula_scrolls_in_its_own_box(page: Page, width: int) -> None:
    paper = make_paper(day=MONDAY, title="Wide", abstract=f"Before $${WIDE}$$ after.")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(Paper.objects.get(pk=paper.pk).get_absolute_url())
    wait_for(page, "document.querySelector('.math-display mjx-math') !== null")
    box = "document.querySelector('.math-display')"
    assert page.evaluate(f"{box}.scrollWidth > {box}.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"wide-formula-{width}.png")


@pytest.mark.parametrize("place", [".card-title", ".card-abstract", ".summary-text"])
@pytest.mark.parametrize("width", [320, 360])
def test_a_wide_formula_in_a_line_scrolls_on_a_phone(page: Page, place: str, width: int) -> None:
    paper = make_paper(day=MONDAY, title=f"On ${UNBREAKABLE}$ and $x$", abstract=f"Let ${UNBREAKABLE}$ be, and $x$.")
    make_finished(paper, f"- Let ${UNBREAKABLE}$ be, and $x$.\n")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/arxiv/cs.CL?density=full" if place != ".summary-text" else f"/summary/{paper.arxiv_id}")
    formula = page.locator(f"{place} .math").first
    expect(formula).to_have_attribute("data-wide", "")
    box = formula.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    width_em = formula.evaluate("formula => formula.scrollWidth / parseFloat(getComputedStyle(formula).fontSize)")
    assert 91 < width_em < 117
    formula.evaluate("formula => formula.scrollTo(10_000, 0)")
    end = formula.locator("mjx-num mjx-mi").last.bounding_box()  # the end can be reached
    assert end is not None
    assert 0 <= end["x"] < width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(f"{place} .math").nth(1).get_attribute("data-wide") is None
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"wide-inline{place.replace('.', '-')}-{width}.png")


def test_a_formula_becomes_wide_when_the_window_gets_narrow(page: Page) -> None:
    make_paper(
        day=MONDAY, title="Narrow", abstract=r"Let $\frac{a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w}{2}$ be."
    )
    page.goto("/arxiv/cs.CL?density=full")
    formula = page.locator(".card-abstract .math")
    expect(formula).to_have_attribute("data-math", "typeset")
    assert formula.get_attribute("data-wide") is None
    page.set_viewport_size({"width": 320, "height": 800})
    expect(formula).to_have_attribute("data-wide", "")


def test_right_to_left_texts_keep_the_order_of_formulas(page: Page) -> None:
    hebrew = "$a<b$ טענה ראשונה על המספרים $c<d$ ומסקנה אחרונה"
    paper = make_paper(day=MONDAY, title=hebrew, abstract=hebrew)
    make_paper(day=MONDAY, title="Left to right $a<b$", abstract="First words $a<b$ last words")
    text = f"# {hebrew}\n\n{hebrew}\n\n- {hebrew}\n\n$$\na<b\n$$\n\nEnglish words $a<b$ here\n"
    make_finished(paper, text)
    page.goto("/arxiv/cs.CL?density=full")
    assert_directions(page, f"#paper-{paper.pk} :is(.card-title, .card-abstract)", n_formulas=4)
    right_to_left = page.locator(f"#paper-{paper.pk} .card-abstract")
    assert right_to_left.evaluate("e => getComputedStyle(e).direction") == "rtl"
    left_to_right = page.locator(f".card:not(#paper-{paper.pk}) .card-abstract")
    assert left_to_right.evaluate("e => getComputedStyle(e).direction") == "ltr"
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / "right-to-left-list.png")
    page.goto(f"/summary/{paper.arxiv_id}")
    assert_directions(page, "article", n_formulas=10)
    expected = ["rtl", "rtl", "rtl", "ltr"]
    blocks = page.locator(".summary-text > :is(h1, p, ul)")
    assert blocks.evaluate_all("all => all.map(e => getComputedStyle(e).direction)") == expected
    starts = blocks.evaluate_all(FIRST_WORD_IS_RIGHT)
    assert starts == [True, True, True, False]
    page.screenshot(path=SCREENS / "right-to-left-summary.png")


# Whether the first word of a block is to the right of its last one.
FIRST_WORD_IS_RIGHT = """blocks => blocks.map((block) => {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest('.math') || !node.data.trim() ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const xs = [];
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    xs.push(range.getBoundingClientRect().left);
  }
  return xs[0] > xs.at(-1);
})"""
# Of each formula: the x of its first and of its last letter, which are the two sides of a relation.
SIDES = """roots => roots.flatMap((root) => [...root.querySelectorAll('.math')]).map((formula) =>
  [...formula.querySelectorAll('mjx-mi')].map((letter) => letter.getBoundingClientRect().left))"""


def assert_directions(page: Page, selector: str, *, n_formulas: int) -> None:
    wait_for(page, ALL_SET)
    sides = page.locator(selector).evaluate_all(SIDES)
    assert len(sides) == n_formulas
    assert all(left < right for left, right in sides)


def test_words_wait_for_their_formulas_but_not_for_ever(page: Page) -> None:
    make_paper(day=MONDAY, title="Slow", abstract="Words around $x$.")
    page.route("**/mathjax/startup.js", lambda route: None)  # without a response
    page.goto("/arxiv/cs.CL?density=full", wait_until="domcontentloaded")
    abstract = "getComputedStyle(document.querySelector('.card-abstract'))"
    assert page.evaluate(f"{abstract}.animationName") == "math-waits-no-longer"
    wait_for(page, f"{abstract}.visibility === 'visible'")
    page.unroute_all(behavior="ignoreErrors")


def test_without_scripts_the_source_can_be_read(browser: Browser, live_server: LiveServer, formulas: None) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/arxiv/cs.CL")
    formula = plain.locator(".math").first
    assert formula.inner_text().startswith(r"\(x_")
    assert formula.is_visible()
    context.close()


def test_a_click_on_a_formula_copies_its_tex_and_says_so(page: Page) -> None:
    make_paper(day=MONDAY, title=r"On $x_{7}$", abstract=r"For $\alpha < \beta$.")
    page.goto("/arxiv/cs.CL?density=full")
    page.locator(".card-abstract mjx-container").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == r"\alpha < \beta"
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.card-abstract'))")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == r"For $\alpha < \beta$."
