"""Accounts in real browsers: two devices of one reader, what a browser stored before, and what signing out leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Browser, Page, Route, expect

from coolpapers.people.models import Item, SyncCounter
from tests.browser.items import card_keys, key, put_item, stored_items
from tests.browser.menus import button_of
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import MONDAY, make_paper
from tests.coolpapers.people.make import make_user

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse 7"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    """A few papers, and one reader."""
    cache.clear()
    settings.ACCOUNTS = "open"
    for number in range(6):
        make_paper(arxiv_id=f"2603.{number:05d}", day=MONDAY, title=f"Graph {number}")
    make_user("ada", password=PASSWORD)


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The same reader's other device."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/account/sign-in")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/me/")


def synced(page: Page) -> None:
    """Synchronize the page with its account; delayed presses have been made before."""
    expect(page.locator("html[data-features=started]")).to_be_attached()
    page.evaluate("async () => { const { run } = await import('/static/js/people/sync.js'); await run(); }")


def stars(page: Page) -> list[str]:
    return sorted(item["key"] for item in stored_items(page) if item["kind"] == "star" and not item["deleted"])


def test_two_devices_converge(page: Page, phone: Page) -> None:
    sign_in(page)
    sign_in(phone)
    page.goto("/arxiv/cs.CL")
    card = page.locator(f'[data-key="{key(1)}"]')
    card.locator("[data-action=star]").click()
    button_of(card, "note").click()
    page.keyboard.type("from the laptop")
    synced(page)
    assert Item.objects.filter(kind="star", key=key(1)).count() == 1
    phone.goto("/arxiv/cs.CL")
    phone_card = phone.locator(f'[data-key="{key(1)}"]')
    expect(phone_card.locator("[data-action=star]")).to_have_attribute("aria-pressed", "true")
    expect(phone_card.get_by_label("Your note")).to_have_value("from the laptop")
    phone_card.locator("[data-action=star]").click()
    phone_card.get_by_label("Your note").fill("from the phone")
    synced(phone)
    synced(page)  # the open page follows
    expect(card.locator("[data-action=star]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    page.reload()
    expect(card.get_by_label("Your note")).to_have_value("from the phone")
    assert stored_items(page) == stored_items(phone)


def test_presses_do_not_wait_for_the_account(page: Page) -> None:
    """With any network delay, a star shows at once and reaches the account."""
    sign_in(page)
    waiting: list[Route] = []
    page.route("**/me/sync", lambda route: waiting.append(route))  # a wrapped one, which playwright can mark
    page.goto("/arxiv/cs.CL")
    star = page.locator(f'[data-key="{key(1)}"] [data-action=star]')
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).not_to_have_attribute("aria-busy", "true")
    assert waiting
    assert not Item.objects.filter(kind="star").exists()
    for route in waiting:
        route.continue_()
    page.unroute("**/me/sync")
    synced(page)
    assert [item.key for item in Item.objects.filter(kind="star")] == [key(1)]


def test_a_restored_backup_takes_back_nothing_that_a_device_knows(page: Page) -> None:
    sign_in(page)
    put_item(page, "note", key(1), {"text": "as in the backup"})
    synced(page)
    items, counters = list(Item.objects.all()), list(SyncCounter.objects.all())
    put_item(page, "note", key(1), {"text": "written after it"})
    put_item(page, "star", key(2))
    synced(page)
    Item.objects.all().delete()
    Item.objects.bulk_create(items)
    SyncCounter.objects.all().delete()
    SyncCounter.objects.bulk_create(counters)
    page.goto("/arxiv/cs.CL")
    synced(page)
    assert Item.objects.get(kind="note").value == {"text": "written after it"}
    assert stars(page) == [item.key for item in Item.objects.filter(kind="star")] == [key(2)]
    expect(page.get_by_label("Your note")).to_have_value("written after it")


def test_offline_writes_are_sent_later(page: Page, phone: Page) -> None:
    sign_in(page)
    sign_in(phone)
    page.goto("/arxiv/cs.CL")
    synced(page)
    page.context.set_offline(True)
    page.locator(f'[data-key="{key(2)}"] [data-action=star]').click()
    wait_for(page, "document.querySelectorAll('[data-action=star][aria-pressed=true]').length === 1")
    put_item(phone, "star", key(3))
    synced(phone)
    page.context.set_offline(False)
    synced(page)
    synced(phone)
    assert stars(page) == stars(phone) == [key(2), key(3)]
    page.trouble.errors.clear()  # type: ignore[attr-defined] # the browser reports the failed request


def test_an_account_imports_the_earlier_items_of_the_browser_once_on_request(page: Page) -> None:
    page.goto("/arxiv/cs.CL")
    page.locator(f'[data-key="{key(4)}"] [data-action=star]').click()
    put_item(page, "note", key(5), {"text": "before"})
    sign_in(page)
    assert stars(page) == []
    expect(page.locator("[data-take-in]")).to_contain_text("This browser has 2 items")
    page.get_by_role("button", name="Add them to the account").click()
    expect(page.locator("[data-take-in]")).to_be_hidden()
    expect(page.locator(".card")).to_have_count(1)
    assert card_keys(page) == [key(4)]
    synced(page)
    assert Item.objects.filter(kind__in=["star", "note"]).count() == 2
    page.reload()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("[data-take-in]")).to_be_hidden()


def test_signing_out_deletes_the_account_data_in_the_browser(page: Page) -> None:
    sign_in(page)
    put_item(page, "star", key(1))
    put_item(page, "hide", key(2))
    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/account/signed-out")
    wait_for(page, "indexedDB.databases().then(found => !found.some(({name}) => /-\\d/.test(name)))")
    assert (
        page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('hidden') || name === 'account')") == []
    )
    page.goto("/me/")
    expect(page.get_by_text("No starred papers yet")).to_be_visible()
    assert Item.objects.filter(kind="star").count() == 1
    sign_in(page)
    expect(page.locator(".card")).to_have_count(1)


def test_two_accounts_in_one_browser_are_separate(page: Page) -> None:
    make_user("grace", password=PASSWORD)
    sign_in(page)
    put_item(page, "star", key(1))
    synced(page)
    page.context.clear_cookies()  # a session that ended, without signing out
    page.goto("/arxiv/cs.CL")
    expect(page.locator(f'[data-key="{key(1)}"] [data-action=star]')).to_have_attribute("aria-pressed", "false")
    assert stars(page) == []
    page.trouble.errors.clear()  # type: ignore[attr-defined] # the browser reports that the last page was refused


def test_starred_papers_of_an_account_need_no_scripts(browser: Browser, live_server: LiveServer) -> None:
    user = User.objects.get(username="ada")
    Item.objects.create(user=user, kind="star", key=key(1), changed=1, revision=1)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    expect(page.locator(".card")).to_have_count(1)
    assert card_keys(page) == [key(1)]
    context.close()
