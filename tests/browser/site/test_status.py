"""The page for librarians: axe finds nothing, and its button works without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from coolpapers.operating.models import AuditedDay
from coolpapers.operating.tasks import harvest_day
from coolpapers.papers.models import ImportProblem, ImportRun
from tests.browser.libraries import index_in
from tests.coolpapers.papers.library import make_paper

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def queued(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A library with a gap, and the days whose harvest was queued."""
    settings.ACCOUNTS = "off"
    day = timezone.localdate() - timedelta(days=3)
    make_paper(day=day)
    index_in(settings, tmp_path)
    AuditedDay.objects.create(location="x", day=day, n_listed=3, n_missing=2, checked_at=timezone.now())
    run = ImportRun.objects.create(source="oai", location="http://127.0.0.1:9/oai#arXiv/cs//", n_refused=1)
    ImportProblem.objects.create(run=run, refused=True, location="oai.xml", line=3, reason="It has no title.")
    days: list[str] = []
    monkeypatch.setattr(harvest_day, "delay", days.append)
    return days


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto("/status")
    expect(page.get_by_role("heading", name="State of the site")).to_be_visible()
    expect(page.get_by_text("It has no title.")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [f"{found['id']}: {node['target']}" for found in violations for node in found["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_day_is_harvested_again_without_scripts(browser: Browser, live_server: LiveServer, queued: list[str]) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/status")
    page.get_by_role("button", name="重新采集").click()
    day = timezone.localdate() - timedelta(days=3)
    expect(page.locator("main p[role=status]")).to_contain_text(f"已安排重新采集 {day}")
    assert queued == [day.isoformat()]
    context.close()
