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

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

N_PAPERS = 60
FORMULAS_EACH = 4
WIDE = "+".join(rf"\frac{{a_{{{n}}}}}{{b_{{{n}}}}}" for n in range(60))
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
    """Down to the last card as a reader does, waiting at each screen until its formulas stand."""
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
    page.goto("/arxiv/cs.CL")
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
    page.goto("/arxiv/cs.CL")
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


def test_words_wait_for_their_formulas_but_not_for_ever(page: Page) -> None:
    make_paper(day=MONDAY, title="Slow", abstract="Words around $x$.")
    page.route("**/mathjax/startup.js", lambda route: None)  # never answered
    page.goto("/arxiv/cs.CL", wait_until="domcontentloaded")
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
    page.goto("/arxiv/cs.CL")
    page.locator(".card-abstract mjx-container").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == r"\alpha < \beta"
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.card-abstract'))")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == r"For $\alpha < \beta$."
