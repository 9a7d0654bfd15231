"""A real Chromium for the tests marked ``browser``: one per session, with a new context per test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from coolpapers.base.storage import bundle_assets, has_bundler
from tests.browser.requests_underway import RequestsUnderway
from tests.house.source import ROOT

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

# Playwright's sync API runs an event loop in this thread, which Django would take for an async caller.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# The limit of waiting for a condition; a busy machine may need more than the usual 5 s.
expect.set_options(timeout=30_000)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def bundled_styles(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A folder of static files with the bundled style sheets; None without the bundler."""
    if not has_bundler():
        return None
    folder, sources = tmp_path_factory.mktemp("static"), ROOT / "static"
    sheets = {path.relative_to(sources).as_posix(): path.read_text() for path in (sources / "css").rglob("*.css")}
    scripts = {path.relative_to(sources).as_posix(): path.read_text() for path in (sources / "js").rglob("*.js")}
    bundles = bundle_assets(sheets | scripts)  # the bundler keeps the names of variables that scripts set
    for name in sheets.keys() & bundles.keys():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(bundles[name], encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _served_styles(request: pytest.FixtureRequest, bundled_styles: Path | None) -> Iterator[None]:
    """Pages load one style sheet, as on a site. Scripts are not bundled, because tests delay some of them."""
    if bundled_styles is None or "live_server" not in request.fixturenames:
        yield
        return
    with override_settings(STATICFILES_DIRS=[bundled_styles, *settings.STATICFILES_DIRS]):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None
    )
    if executable is None:
        pytest.fail("browser tests need Chromium; `make test` installs it on Debian as root")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


class Trouble:
    """Forbidden actions of a page: requests to other hosts, script errors, violations of the content policy."""

    def __init__(self, page: Page, origin: str) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        self._origin = origin
        page.on("request", self._note_request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note_message)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self.outside.append(request.url)


@pytest.fixture(autouse=True)
def _answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Wait for requests that a page sent when it closed, before the database is emptied."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # set up before the database fixture, so torn down after it
    underway = RequestsUnderway()
    underway.watch()
    yield
    underway.wait(at_most_s=5.0)
    underway.forget()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page at the live server's origin whose ``trouble`` must be empty when the test ends."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1200, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    new_page = context.new_page()
    trouble = Trouble(new_page, live_server.url)
    new_page.trouble = trouble  # type: ignore[attr-defined]
    yield new_page
    context.close()
    assert trouble.outside == []
    assert trouble.errors == []
