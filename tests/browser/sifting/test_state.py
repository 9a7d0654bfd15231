"""Stars, hiding, seen papers and notes in a real browser: they survive a reload and reach other tabs."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.menus import button_of, expect_state
from tests.browser.waiting import wait_for
from tests.coolpapers.papers.library import MONDAY, TUESDAY, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/arxiv/cs.CL?date=2026-03-02&sort=title"


def make_day(day: date, numbers: range) -> None:
    for number in numbers:
        make_paper(arxiv_id=f"2603.{number:05d}", day=day, title=f"Graph {number:02d}")


@pytest.fixture
def library() -> None:
    """Thirty papers of a Monday: more than one page."""
    make_day(MONDAY, range(30))


def card(page: Page, number: int) -> Locator:
    return page.locator(f'[data-key="arxiv:2603.{number:05d}"]')


def press(page: Page, number: int, action: str) -> None:
    """Press a button of a card and wait until the change is stored."""
    key = f"arxiv:2603.{number:05d}"
    listen = "document.addEventListener('coolpapers:state', ({detail}) => { window.told ||= detail.key === key; })"
    page.evaluate(f"key => {{ window.told = false; {listen} }}", key)
    button_of(card(page, number), action).click()
    wait_for(page, "window.told === true")


def pressed(page: Page, number: int, action: str, *, is_on: bool = True) -> None:
    expect_state(card(page, number), action, is_on=is_on)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("density", ["compact", "full"])
def test_a_state_takes_no_width_from_the_title_on_a_phone(page: Page, density: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{LIST}&density={density}")
    width = 'key => document.querySelector(`[data-key="${key}"] .card-title`).getBoundingClientRect().width'
    before = page.evaluate(width, "arxiv:2603.00003")
    press(page, 3, "read")
    expect(card(page, 3).locator(".card-states")).to_contain_text("Seen")
    assert page.evaluate(width, "arxiv:2603.00003") == pytest.approx(before, abs=1)


@pytest.mark.usefixtures("library")
def test_a_star_and_a_note_survive_a_reload(page: Page) -> None:
    page.goto(LIST)
    press(page, 3, "star")
    button_of(card(page, 4), "note").click()
    page.keyboard.type("read on Friday")
    pressed(page, 4, "note")
    page.reload()
    pressed(page, 3, "star")
    expect(card(page, 4).get_by_label("Your note")).to_have_value("read on Friday")
    pressed(page, 5, "star", is_on=False)
    press(page, 3, "star")
    card(page, 4).get_by_label("Your note").fill("")
    pressed(page, 4, "note", is_on=False)
    page.reload()
    pressed(page, 3, "star", is_on=False)
    expect(page.locator(".card-note")).to_have_count(0)


@pytest.mark.usefixtures("library")
def test_another_tab_follows_at_once(page: Page) -> None:
    page.goto(LIST)
    other = page.context.new_page()
    other.goto(LIST)
    press(page, 3, "star")
    pressed(other, 3, "star")
    press(other, 4, "hide")
    expect(card(page, 4)).to_be_hidden()
    expect(page.locator("[data-hidden-line]")).to_contain_text("Hidden on this page: 1")
    button_of(card(page, 5), "note").click()
    page.keyboard.type("seen")
    expect(card(other, 5).get_by_label("Your note")).to_have_value("seen")


@pytest.mark.usefixtures("library")
def test_a_hidden_paper_can_be_restored_and_is_counted(page: Page) -> None:
    page.goto(LIST)
    press(page, 3, "hide")
    expect(card(page, 3).locator(".gist")).to_be_hidden()
    undo = card(page, 3).get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.click()
    expect(card(page, 3).locator(".gist")).to_be_visible()
    expect(page.locator("[data-hidden-line]")).to_be_hidden()
    press(page, 3, "hide")
    press(page, 7, "hide")
    page.reload()
    expect(card(page, 3)).to_be_hidden()
    expect(page.locator("[data-hidden-line]")).to_contain_text("Hidden on this page: 2")
    page.locator("[data-action=show-hidden]").click()
    expect(card(page, 3)).to_be_visible()
    press(page, 3, "hide")
    expect(page.locator("[data-hidden-line]")).to_contain_text("Hidden on this page: 1")


@pytest.mark.usefixtures("library")
def test_a_state_read_before_a_press_is_not_shown_after_it(page: Page) -> None:
    """Reading the state of a card takes time; a press in the meantime is newer."""
    page.goto(LIST)
    press(page, 3, "star")
    card(page, 3).locator("[data-open-menu]").click()
    page.evaluate(
        """key => {
          document.dispatchEvent(new CustomEvent("coolpapers:state", { detail: { kind: "star", key } }));
          document.querySelector(`[data-key="${key}"] .menu [data-action=hide]`).focus();
          document.activeElement.click();
        }""",
        "arxiv:2603.00003",
    )
    wait_for(page, "Object.keys(localStorage).every(name => !name.includes(':hide '))")
    expect(card(page, 3).get_by_role("button", name="Undo")).to_be_focused()


@pytest.mark.usefixtures("library")
def test_hidden_papers_never_flash_up_not_even_without_the_feature(page: Page) -> None:
    page.goto(LIST)
    press(page, 3, "hide")
    page.goto(f"{LIST}&skip=25")
    press(page, 27, "hide")
    empty = "export const start = () => {};"
    page.context.route("**/js/cards/state.js", lambda route: route.fulfill(content_type="text/javascript", body=empty))
    page.goto(LIST)
    expect(card(page, 2)).to_be_visible()
    expect(card(page, 3)).to_be_hidden()
    card(page, 24).scroll_into_view_if_needed()
    expect(card(page, 28)).to_be_visible()
    expect(card(page, 27)).to_be_hidden()


@pytest.mark.usefixtures("library")
def test_cards_that_scroll_in_show_their_state(page: Page) -> None:
    page.goto(f"{LIST}&skip=25")
    press(page, 28, "star")
    press(page, 27, "hide")
    page.goto(LIST)
    card(page, 24).scroll_into_view_if_needed()
    pressed(page, 28, "star")
    expect(card(page, 27)).to_be_hidden()
    expect(page.locator("[data-hidden-line]")).to_contain_text("Hidden on this page: 1")


@pytest.mark.usefixtures("library")
def test_opening_a_paper_marks_it_read_and_read_ones_can_be_left_out(page: Page) -> None:
    page.goto(LIST)
    card(page, 3).locator("[data-action=summary]").click()
    pressed(page, 3, "read")
    page.goto("/arxiv/2603.00004")
    pressed(page, 4, "read")
    page.goto(LIST)
    pressed(page, 4, "read")
    page.get_by_label("Hide seen papers").check()
    expect(card(page, 4)).to_be_hidden()
    expect(page.locator("[data-hidden-line]")).to_contain_text("Hidden on this page: 2")
    press(page, 5, "read")
    expect(card(page, 5)).to_be_visible()  # papers seen on this page stay until the list is loaded again
    page.reload()
    expect(card(page, 5)).to_be_hidden()
    expect(page.get_by_label("Hide seen papers")).to_be_checked()
    page.get_by_label("Hide seen papers").uncheck()
    expect(card(page, 3)).to_be_visible()


def test_papers_since_the_last_visit_have_a_badge_and_a_link(page: Page) -> None:
    make_day(MONDAY, range(3))
    page.goto("/arxiv/cs.CL")
    expect(card(page, 1)).to_be_visible()
    expect(page.locator(".new-badge").first).to_be_hidden()
    page.goto("/arxiv/cs.CL")
    make_day(TUESDAY, range(3, 5))
    wait_for(page, "import('/static/js/people/store.js').then(({ get }) => get('setting', 'visit')).then(Boolean)")
    # Five hours go by.
    page.evaluate(
        """async () => {
            const { get, put } = await import("/static/js/people/store.js");
            const { value } = await get("setting", "visit");
            await put("setting", "visit", { ...value, at: value.at - 5 * 3600 * 1000 });
        }"""
    )
    for _again in range(2):  # the badges stay for the whole visit
        page.goto("/arxiv/cs.CL?from=2026-03-02")
        expect(card(page, 3).locator(".new-badge")).to_be_visible()
        expect(card(page, 1).locator(".new-badge")).to_be_hidden()
    page.get_by_role("link", name="New since my last visit").click()
    expect(page).to_have_url("/arxiv/cs.CL?from=2026-03-03")
    expect(page.locator(".card")).to_have_count(2)
