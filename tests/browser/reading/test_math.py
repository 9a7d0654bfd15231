"""Formulas in a real browser, under the site's own content policy: the twelve MathJax traps and the translator.

The traps, each met by the test named: 1 fonts from a public host: ``fonts_come_from_this_site``, ``chemistry``.
2 text outside formulas typeset: ``literal_delimiters``. 3 speech that makes it twelve times slower: ``screen_readers``
(MathML instead), ``tests/js/reading/math-config.test.mjs``. 4 links and styles in formulas: ``no_formula_can_run``.
5 sizes: ``oversized``. 6 definitions: ``a_definition``. 7 labels: ``equal_and_repeated_labels``. 8 copying gives
glyphs: ``copying_a_selection``. 9 styles that the policy refuses: ``under_a_content_policy``. 10 unbalanced braces:
``broken_formula``. 11 dark mode and print: ``follow_the_text_colour``, ``printing``. 12 quadratic time:
``tests/coolpapers/reading/markup/test_properties.py``, ``calls_grow_with_the_length`` and ``time_grows``.
"""

from __future__ import annotations

import html
from collections.abc import Callable

import pypdfium2
import pytest
from django.conf import settings
from playwright.sync_api import Dialog, Page, Route, expect

from coolpapers.base.assets import vendor_path
from tests.browser.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
VIEW_IS_SET = """() => [...document.querySelectorAll('.math')].every(e => {
  const box = e.getBoundingClientRect();
  return e.dataset.math === 'typeset' || box.bottom < 0 || box.top > innerHeight; })"""


def inline(tex: str) -> str:
    return f'<span class="math math-inline notranslate" translate="no">\\({html.escape(tex)}\\)</span>'


def display(tex: str) -> str:
    return f'<div class="math math-display notranslate" translate="no">\\[{html.escape(tex)}\\]</div>'


def content_policy() -> str:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


@pytest.fixture
def open_with(page: Page) -> Open:
    """Open a bare page of the site with this body, served under the site's content policy."""

    def open_body(body: str, *, wait: bool = True) -> Page:
        document = f"""<!doctype html><html lang="en" data-vendor="{vendor_path()}"><head><title>Formulas</title>
            <link rel="icon" href="data:,"><link rel="stylesheet" href="/static/css/reading/math.css">
            </head><body><p id="said" data-copied="TeX copied"></p>{body}
            <script type="module" src="/static/js/main-math.js"></script></body></html>"""
        script = (
            'import { typeset } from "/static/js/reading/math.js";'
            'import { start } from "/static/js/reading/math-copy.js";'
            "window.coolpapers = { typeset }; start(); typeset();"
        )

        def serve(route: Route) -> None:
            route.fulfill(
                body=document, content_type="text/html", headers={"Content-Security-Policy": content_policy()}
            )

        page.route("**/formulas", serve)
        page.route(
            "**/static/js/main-math.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
        )
        page.goto("/formulas")
        if wait:
            wait_for(page, VIEW_IS_SET)
        return page

    return open_body


def wait_until_set(page: Page, selector: str = ".math") -> None:
    wait_for(
        page,
        "selector => [...document.querySelectorAll(selector)].every(e => e.querySelector('mjx-container mjx-math'))",
        selector,
    )


def test_it_sets_formulas_under_a_content_policy_without_exceptions(open_with: Open) -> None:
    page = open_with("<p>Let " + inline(r"x^2 < y_1") + " be.</p>" + display(r"\sum_{i=1}^n \frac{1}{i}"))
    wait_until_set(page)
    # The rules apply although the policy blocks <style>: the superscript is smaller than its base.
    sizes = page.evaluate(
        "[...document.querySelectorAll('.math-inline mjx-mi, .math-inline mjx-mn')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) < max(sizes)
    assert "unsafe" not in content_policy()
    assert page.locator("style").count() == 0


def test_mathjax_logs_no_warning(open_with: Open, page: Page) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    wait_until_set(open_with(f"<p>{inline('x^2')}</p>"))
    assert warnings == []


def test_fonts_come_from_this_site(open_with: Open) -> None:
    page = open_with("<p>" + inline(r"\mathfrak{A} \mathcal{B} \mathbb{R}") + "</p>")
    wait_until_set(page)
    loaded = "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.woff2'))"
    wait_for(page, f"{loaded}.length > 0")
    fonts = page.evaluate(loaded)
    assert all("/static/vendor/mathjax-fonts/" in font for font in fonts)


def test_chemistry_is_set_with_its_own_font_package(open_with: Open) -> None:
    page = open_with("<p>" + inline(r"\ce{H2O + CO2}") + "</p>")
    wait_until_set(page)
    assert page.locator("mjx-merror").count() == 0


def test_literal_delimiters_in_text_stay_text(open_with: Open) -> None:
    page = open_with(f"<p id='t'>Write \\(not math\\) and $this$ but {inline('x')}.</p>")
    wait_until_set(page)
    assert page.locator("mjx-container").count() == 1
    assert "\\(not math\\) and $this$" in page.inner_text("#t")


INJECTIONS = [
    r"\href{javascript:alert(1)}{x}",
    "\\href{java\nscript:alert(1)}{x}",
    r"\href{JaVaScRiPt:alert(1)}{x}",
    r"\href{data:text/html,<script>alert(1)</script>}{x}",
    r"\mmlToken{mi}[href=javascript:alert(1)]{x}",
    r"\require{html}\href{javascript:alert(1)}{x}",
    r"\style{position:fixed;top:0;left:0;width:100%;height:100%}{x}",
    r"\class{paper}{x}",
    r"\cssId{announcer}{x}",
    r'\unicode{"<img src=x onerror=alert(1)>"}',
    r"\text{<img src=x onerror=alert(1)>}",
    r"\mmlToken{mi}[onclick=alert(1)]{x}",
    r"\style{background:url(https://example.org/track.png)}{x}",
]


# Images that a formula brought in would have failed, and run their handlers, before this one fails.
WAIT_FOR_A_BROKEN_IMAGE = """() => new Promise((done) => {
  const image = new Image();
  image.addEventListener("error", done);
  image.src = "data:image/png,broken";
})"""


def test_no_formula_can_run_a_script_leave_the_site_or_style_the_page(open_with: Open) -> None:
    dialogs: list[str] = []
    body = "".join(f"<p>{inline(tex)}</p>" for tex in INJECTIONS)
    page = open_with(body, wait=False)

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    wait_for(page, VIEW_IS_SET)
    wait_until_set(page, "p:first-of-type .math")
    page.evaluate(WAIT_FOR_A_BROKEN_IMAGE)
    assert dialogs == []
    assert page.evaluate("[...document.querySelectorAll('a')].filter(a => !/^https?:$/.test(a.protocol)).length") == 0
    assert page.locator("img, script[src^=data], #announcer, .math .paper").count() == 0
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.math *')].filter(e => getComputedStyle(e).position === 'fixed').length"
        )
        == 0
    )


def test_an_oversized_formula_does_not_widen_the_page_or_cover_its_neighbours(open_with: Open) -> None:
    body = (
        "<article class='paper'><p>"
        + "</p><p>".join(
            inline(t) for t in (r"\rule{1000em}{1000em}", r"\kern-500em x", r"\raise 200em {y}", r"\bbox[200em]{z}")
        )
        + "</p>"
        + display(r"\rule{1000em}{1000em}")
        + "</article><p id='after'>after</p>"
    )
    page = open_with(body)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("getComputedStyle(document.querySelector('.paper')).overflow") == "clip"
    box = page.locator("div.math-display").bounding_box()
    assert box is not None
    assert box["height"] <= 0.71 * 900


def test_a_definition_in_one_formula_does_not_change_the_next(open_with: Open) -> None:
    page = open_with("<p>" + inline(r"\def\alpha{Z}\alpha") + "</p><p id='next'>" + inline(r"\alpha") + "</p>")
    wait_for(page, "document.querySelector('#next mjx-math')")
    assert page.evaluate("document.querySelector('#next mjx-assistive-mml').textContent.trim()") in ("α", "𝛼")


def test_equal_and_repeated_labels_are_no_error(open_with: Open) -> None:
    tex = r"\begin{align} a &= b \label{eq:1} \\ c &= d \label{eq:1} \end{align}"
    page = open_with(display(tex) + display(tex))
    wait_until_set(page)
    assert page.locator("mjx-merror").count() == 0


def test_copying_a_selection_gives_tex(open_with: Open) -> None:
    page = open_with(
        "<p id='p'>If " + inline(r"x_1^2 < y") + " then</p>" + display(r"\frac{a}{b}") + "<p id='q'>holds.</p>"
    )
    wait_until_set(page)
    page.evaluate(
        "const r = document.createRange(); r.setStartBefore(document.querySelector('#p'));"
        "r.setEndAfter(document.querySelector('#q')); getSelection().removeAllRanges(); getSelection().addRange(r);"
    )
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "If $x_1^2 < y$ then" in copied
    assert r"$$\frac{a}{b}$$" in copied
    assert "holds." in copied


def test_a_click_on_a_formula_copies_its_tex_and_says_so(open_with: Open) -> None:
    page = open_with("<p>" + inline(r"\alpha + \beta") + "</p>")
    wait_until_set(page)
    page.click(".math mjx-container")
    wait_for(page, "document.querySelector('#said').textContent === 'TeX copied'")
    assert page.evaluate("navigator.clipboard.readText()") == r"\alpha + \beta"


def test_a_broken_formula_shows_its_source_and_harms_nothing_else(open_with: Open) -> None:
    page = open_with(
        "<p id='bad'>"
        + inline(r"\frac{a")
        + inline(r"x_{")
        + "</p><p id='worse'>"
        + inline(r"a^b^c")
        + "</p><p id='good'>"
        + inline("x")
        + "</p>"
    )
    wait_for(page, "document.querySelector('#good mjx-math')")
    wait_for(page, "document.querySelector('#worse mjx-math, #worse mjx-merror')")
    assert "a^b^c" in page.evaluate("document.querySelector('#worse').textContent")
    assert r"\frac{a" in page.evaluate("document.querySelector('#bad').textContent")


SAME = [
    (r"\eps\to 0", r"\varepsilon\to 0"),
    (r"\Om\subset\RR^d", r"\Omega\subset\mathbb{R}^d"),
    (r"\C\oplus\Z\oplus\N", r"\mathbb{C}\oplus\mathbb{Z}\oplus\mathbb{N}"),
    (r"\norm{x}+\abs{y}", r"\left\lVert x\right\rVert+\left\lvert y\right\rvert"),
    (r"\Tilde{O}(n)\bold{u}^\dag", r"\tilde{O}(n)\boldsymbol{u}^\dagger"),
    (r"\cO(\poly(n))\cite{a}", r"\mathcal{O}(\operatorname{poly}(n))"),
    (r"\bfx\,\mathbbm{E}", r"\mathbf{x}\,\mathbb{E}"),
    (r"1\textless{}2", r"1<2"),
]


def test_frequent_private_commands_of_authors_are_known(open_with: Open) -> None:
    page = open_with("".join(f"<p>{inline(theirs)}{inline(plain)}</p>" for theirs, plain in SAME))
    wait_until_set(page)
    read = page.evaluate(
        "[...document.querySelectorAll('mjx-assistive-mml')].map(e => e.textContent.replace(/\\s/g, ''))"
    )
    assert read[::2] == read[1::2]


def test_screen_readers_get_mathml(open_with: Open) -> None:
    page = open_with(f"<p>{inline('x^2')}</p>")
    wait_until_set(page)
    assert page.locator("mjx-container mjx-assistive-mml math msup").count() == 1
    assert page.get_attribute("mjx-container > mjx-math", "aria-hidden") == "true"


def test_formulas_follow_the_text_colour(open_with: Open) -> None:
    page = open_with(f"<div style-free id='dark'>{inline('x')}</div>")
    wait_until_set(page)
    page.evaluate("document.querySelector('#dark').style.color = 'rgb(1, 200, 3)'")
    assert page.evaluate("getComputedStyle(document.querySelector('#dark mjx-mi')).color") == "rgb(1, 200, 3)"


def test_a_thousand_formulas_out_of_view_wait_until_they_are_scrolled_to(open_with: Open) -> None:
    page = open_with("".join(f"<p>{inline(f'x_{{{i}}}')}</p>" for i in range(1000)))
    wait_for(page, "document.querySelector('.math mjx-math')")
    assert page.locator(".math mjx-math").count() < 500
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    wait_for(page, "[...document.querySelectorAll('.math')].at(-1).querySelector('mjx-math')")


def test_printing_sets_every_formula(open_with: Open) -> None:
    page = open_with("".join(f"<p>{inline(f'x_{{{i}}}')}</p>" for i in range(300)))
    assert page.locator(".math mjx-math").count() < 300
    printed = pypdfium2.PdfDocument(page.pdf())
    assert page.locator(".math mjx-math").count() == 300
    text = "".join(sheet.get_textpage().get_text_range() for sheet in printed)
    assert "x_{" not in text  # typeset before printing, not after


def test_later_batches_are_set_once_each_however_often_they_are_announced(open_with: Open) -> None:
    page = open_with(f"<main><p>{inline('a')}</p></main>")
    for batch in range(3):
        page.evaluate(
            "([html]) => { document.querySelector('main').insertAdjacentHTML('beforeend', html);"
            " window.coolpapers.typeset(); window.coolpapers.typeset(); }",
            [f"<p>{inline(f'b_{batch}')}</p>"],
        )
    wait_until_set(page)
    assert page.evaluate(
        "[...document.querySelectorAll('.math')].map(e => e.querySelectorAll('mjx-container').length)"
    ) == [1, 1, 1, 1]


TRANSLATOR = """
const skip = e => e.closest('[translate=no], .notranslate, script, style, font');
function shout(node) {
  if (node.nodeType !== 3 || !node.textContent.trim() || skip(node.parentElement)) return;
  const font = document.createElement('font');
  font.textContent = '⟦' + node.textContent + '⟧';
  node.replaceWith(font);
}
function walk(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const all = [];
  while (walker.nextNode()) all.push(walker.currentNode);
  all.forEach(shout);
}
new MutationObserver(list => list.forEach(m => m.addedNodes.forEach(n => n.nodeType === 3 ? shout(n) : walk(n))))
  .observe(document.body, { childList: true, subtree: true });
walk(document.body);
"""


def test_formulas_that_come_close_to_the_view_while_others_are_set_are_set_too(open_with: Open) -> None:
    """The first one waits until MathJax is loaded; what comes meanwhile was forgotten."""
    page = open_with("<p>A line</p>" * 45 + '<div id="end"></div>', wait=False)
    wait_for(page, "'coolpapers' in window")
    page.evaluate(
        """(formulas) => {
          const end = document.getElementById('end');
          const add = (markup) => { end.insertAdjacentHTML('beforeend', markup); coolpapers.typeset(end); };
          const [first, ...others] = formulas;
          new MutationObserver(([{ target }], observer) => {
            if (target.dataset.math !== 'queued') return;
            observer.disconnect();
            others.forEach(add);
          })
            .observe(end, { subtree: true, attributeFilter: ['data-math'] });
          add(first);
        }""",
        [inline(f"x_{number}") for number in range(4)],
    )
    wait_for(page, "document.querySelectorAll('.math[data-math=typeset]').length === 4")


def test_formulas_survive_a_translator_that_rewrites_every_text_node(open_with: Open) -> None:
    page = open_with(f"<main><p>Before {inline('x^2')} after</p></main>")
    page.evaluate(TRANSLATOR)
    page.evaluate(
        "([html]) => { document.querySelector('main').insertAdjacentHTML('beforeend', html);"
        " window.coolpapers.typeset(); }",
        ["<p>Later " + inline(r"\frac{1}{2}") + " batch</p>"],
    )
    wait_until_set(page)
    # The translator handles changes in their order: when it has reached this paragraph, it has seen all formulas.
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=last>last</p>')")
    expect(page.locator("#last > font")).to_be_attached()
    assert page.locator(".math font").count() == 0
    assert page.evaluate("document.querySelectorAll('main > p > font, main > p font').length") >= 4
    assert page.evaluate(
        "[...document.querySelectorAll('mjx-container')].every(e => e.closest('.notranslate[translate=no]'))"
    )


def test_typeset_formulas_are_released(open_with: Open) -> None:
    page = open_with(f"<main>{inline('x')}{display('y')}</main>")
    wait_until_set(page)
    assert page.evaluate("[...MathJax.startup.document.math].length") == 0


def test_a_formula_removed_before_it_is_typeset_blocks_nothing(open_with: Open) -> None:
    page = open_with(f"<main><p>{inline('x')}</p></main>")
    page.evaluate(
        "([html]) => { const main = document.querySelector('main'); main.insertAdjacentHTML('beforeend', html);"
        " window.coolpapers.typeset(); main.lastElementChild.remove(); main.insertAdjacentHTML('beforeend', html);"
        " window.coolpapers.typeset(); }",
        [f"<p>{inline('z')}</p>"],
    )
    wait_until_set(page)
    assert page.locator("main mjx-math").count() == 2


def test_without_mathjax_the_source_is_legible(open_with: Open, page: Page) -> None:
    page.route("**/mathjax/startup.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    opened = open_with(f"<p>{inline('x^2')}</p>", wait=False)
    wait_for(opened, "document.documentElement.classList.contains('math-failed')")
    assert opened.inner_text(".math") == r"\(x^2\)"
    assert opened.evaluate("getComputedStyle(document.querySelector('.math')).color") != "rgba(0, 0, 0, 0)"
