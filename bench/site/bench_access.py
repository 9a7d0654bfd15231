"""Is every kind of page accessible and narrow enough? axe-core, and scrolling sideways, on a running site.

    python -m bench.site.bench_access ADDRESS [--only /search] [--stage axe|narrow|top]
        [--theme dark] [--size phone]

ADDRESS is a running site with an index, such as http://127.0.0.1:8000; with open accounts
(COOLPAPERS_ACCOUNTS=open) the pages of an account are swept too. Needs Playwright, Chromium and
axe-playwright-python. Prints JSON:

- ``axe``: the rules and targets that axe-core finds, with `target-size` enabled, on each page in both themes at two
  widths, as it loads and again with its folds, a menu and the panels of a paper open
- ``narrow``: pages that scroll sideways in a window of 320 px, folds open or closed
- ``top``: pixels from the header to the first title on a phone, for each kind of list
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
THEMES = ("light", "dark")
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
AXE = {"rules": {"target-size": {"enabled": True}}}
LISTS = (
    "/arxiv/cs.CL",
    "/arxiv/cs.CL?from=2024",
    "/arxiv/cs.CV+cs.LG-cs.CL",
    "/arxiv/all?date=2024-05",
    "/arxiv/cs.CL?sort=preference",
    "/venue/NeurIPS",
    "/venue/ACL.2025",
    "/author/Yann%20LeCun",
    "/author/Wei%20Wang",
    "/search?q=graph+neural+network",
    "/search?q=graph&mode=bm25&explain=1",
    "/search?q=diffusion+cat:cs.CV&category=cs.LG&year=2020..&has=-code",
    "/related/Iuq6u10sCdl@OpenReview",
)
DENSITIES = ("list", "compact", "full")
PAGES = (
    "/",
    "/arxiv/",
    "/arxiv/?edit=1&cat=cs.CL&not=cs.LG",
    "/arxiv/cs.CL?date=2019-01-01",
    "/venue/",
    "/search",
    "/search?q=nothingofthekind",
    "/search?q=%22unclosed+(",
    "/search?q=is:starred",
    "/search/facets/category?q=graph",
    "/search/facets/venue?q=graph&series=NeurIPS",
    "/help/",
    "/help/query-language",
    "/api/v1/",
    "/no/such/page",
    "/arxiv/2699.99999",
    "/author/Nobody%20Such",
    "/me/",
    "/me/?shelf=notes",
    "/me/?shelf=hidden",
    "/me/collections",
    "/me/searches",
    "/me/keywords",
    "/me/words",
    "/account/sign-in",
    "/account/sign-up",
    "/account/signed-out",
    "/shared/",
    "/shared/nothing",
)
OF_A_PAPER = ("/papers/{0}", "/summary/{0}", "/cite/{0}", "/related/{0}", "/me/collect/{0}", "/pdf/{0}")
OF_AN_ACCOUNT = ("/", "/account/", "/account/password", "/account/delete", "/me/", "/me/collections", "/me/searches")
FOLDS = ".side-fold, .chart, .filter, .transfer, .browse, .gist, .facet-years, .saved-fold, .venue-fold"
TOP = """() => (document.querySelector(".card-title") ?? document.body).getBoundingClientRect().top
  - document.querySelector(".site-header").getBoundingClientRect().bottom"""
WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return "";
  const isWide = one => one.getBoundingClientRect().right > innerWidth + 1;
  const wide = [...document.querySelectorAll("body *")].filter(isWide);
  return `${root.scrollWidth} px: ` + wide.slice(0, 4).map(one => one.tagName + "." + one.className).join(", ");
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--only", default="", help="the addresses that contain this")
    parser.add_argument("--stage", default="", choices=("", "axe", "narrow", "top"))
    parser.add_argument("--theme", action="append", choices=THEMES, help="of axe; may be repeated (default: both)")
    parser.add_argument(
        "--size", action="append", choices=sorted(SIZES), help="of axe; may be repeated (default: both)"
    )
    options = parser.parse_args()
    stages: dict[str, Callable[..., dict[str, Any]]] = {
        "axe": partial(sweep_axe, themes=options.theme or THEMES, sizes=options.size or list(SIZES)),
        "narrow": sweep_narrow,
        "top": measure_tops,
    }
    report: dict[str, Any] = {"bench": "access"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, stage in stages.items():
            if options.stage in ("", name):
                report[name] = stage(browser, options.address.rstrip("/"), options.only)
        browser.close()
    print(json.dumps(report, indent=1))


def open_browser(
    browser: Browser, base: str, size: tuple[int, int], scheme: Any, only: str
) -> tuple[Page, Iterator[str]]:
    """A page of a new reader who has some papers, and the addresses to sweep; the last ones with an account."""
    context = browser.new_context(
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        has_touch=size[0] < 600,
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    settle(page, "/arxiv/cs.CL?from=2024")
    links = page.locator(".card-title a").evaluate_all("links => links.map(link => link.pathname)")
    name = links[0].removeprefix("/arxiv/")
    for key in ("j", "s", "j", "x", "j", "s"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    lists = [f"{path}{'&' if '?' in path else '?'}density={density}" for path in LISTS for density in DENSITIES]
    papers = [path.format(name) for path in OF_A_PAPER]
    return page, (path for path in chain(PAGES, papers, lists, with_account(page)) if only in path)


def with_account(page: Page) -> Iterator[str]:
    """Create an account, where the site has accounts, and yield its pages."""
    password = secrets.token_urlsafe()
    settle(page, "/account/sign-up")
    if not page.locator("[name=username]").count():
        return
    page.locator("[name=username]").fill(f"reader{secrets.randbelow(10**9)}")
    for field in page.locator(".form input[type=password]").all():
        field.fill(password)
    page.locator("form.form button").click()
    page.wait_for_timeout(500)
    yield from OF_AN_ACCOUNT


def settle(page: Page, path: str) -> None:
    page.goto(path)
    if page.locator("html[data-vendor]").count():
        page.locator("html[data-features=started]").wait_for(state="attached")
    page.wait_for_timeout(700)


def unfold(page: Page) -> bool:
    """Open what is folded; whether there was anything."""
    n_folds = page.locator(FOLDS).evaluate_all(
        "folds => folds.filter(one => one.checkVisibility() && !one.open && (one.open = true)).slice(0, 40).length"
    )
    page.wait_for_timeout(200)
    return bool(n_folds)


def look(page: Page, where: str) -> list[str]:
    violations = Axe().run(page, options=AXE).response["violations"]
    problems = [f"{where} {one['id']}: {node['target']}" for one in violations for node in one["nodes"]]
    print(*problems, sep="\n", end="\n" * bool(problems), file=sys.stderr, flush=True)
    return problems


def look_at_parts(page: Page, where: str) -> Iterator[str]:
    """Violations with the parts of the first paper open, one after the other, and with what opens from the page."""
    page.locator("body").press("j")
    for key in ("i", "r", "c", "n", "p", "m"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
        yield from look(page, f"{where} [{key}]")
        page.keyboard.press("Escape")
    if page.locator(".select-box").count():
        page.locator(".select-box").first.check()
    for pick in page.locator(".list-bar .pick:not(.filter) > summary, .list-actions .pick > summary").all():
        if pick.is_visible():
            pick.click()
            yield from look(page, f"{where} [{pick.inner_text()}]")
            pick.click()
    page.keyboard.press("?")
    yield from look(page, f"{where} [?]")


def sweep_axe(browser: Browser, base: str, only: str, *, themes: Sequence[str], sizes: Sequence[str]) -> dict[str, Any]:
    violations, n_looks = [], 0
    for size_name in sizes:
        for scheme in themes:
            page, paths = open_browser(browser, base, SIZES[size_name], scheme, only)
            for path in paths:
                where = f"{size_name} {scheme} {path}"
                settle(page, path)
                violations += look(page, where)
                n_looks += 1
                if unfold(page):
                    violations += look(page, f"{where} [unfolded]")
                    n_looks += 1
                if path.startswith(("/arxiv/cs.CL?from", "/search?q=graph+n", "/papers")):
                    settle(page, path)
                    violations += look_at_parts(page, where)
                    n_looks += 8
            page.context.close()
    return {"n_looks": n_looks, "n_violations": len(violations), "violations": violations}


def sweep_narrow(browser: Browser, base: str, only: str) -> dict[str, Any]:
    page, paths = open_browser(browser, base, (320, 640), "light", only)
    wide, n_pages = [], 0
    for path in paths:
        settle(page, path)
        before, _ = page.evaluate(WIDE), unfold(page)
        after = page.evaluate(WIDE)
        wide += [f"{path} {before or 'unfolded: ' + after}"] if before or after else []
        n_pages += 1
    page.context.close()
    return {"n_pages": n_pages, "wide": wide}


def measure_tops(browser: Browser, base: str, only: str) -> dict[str, float]:
    page, paths = open_browser(browser, base, SIZES["phone"], "light", only)
    tops = {}
    for path in paths:
        if "density=" in path:
            settle(page, path)
            tops[path] = page.evaluate(TOP)
    page.context.close()
    return {path: round(top) for path, top in tops.items()}


if __name__ == "__main__":
    main()
