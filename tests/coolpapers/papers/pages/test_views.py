"""Pages of the catalogue, by their addresses (PRODUCT.md, section 1)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.papers.lookup.cached_counts import clear
from coolpapers.papers.models import ImportRun, PaperSource, PaperVersion
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from tests.coolpapers.papers.library import MONDAY, TUESDAY, WEDNESDAY, make_paper, make_venue_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def titles(html: str) -> list[str]:
    """Titles of the cards on a page, in order."""
    found = re.findall(r'<h2 class="card-title"[^>]*><a [^>]*>(.*?)</a></h2>', html)
    return [re.sub(r"<[^>]+>", "", title) for title in found]


def get(client: Client, address: str, *, status: int = 200, headers: dict[str, str] | None = None) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def shelf() -> None:
    """One paper for each kind of address."""
    make_paper(arxiv_id="2406.01234", title="New id", categories=["cs.AI", "cs.CL"], day=WEDNESDAY)
    make_paper(arxiv_id="1406.2661", title="Four digits", categories=["stat.ML"], day=TUESDAY)
    make_paper(arxiv_id="hep-th/9901001", title="Old id", categories=["hep-th"], day=MONDAY)
    make_paper(arxiv_id="cs/0112017", title="Old cs id", categories=["cs.LG", "cs.CY"], day=MONDAY)
    make_venue_paper("forumId_1", title="At OpenReview", track="Oral")
    make_venue_paper("posterId_2", title="Poster", track="Poster")
    make_venue_paper("old_3", title="Older", year=2024)
    make_venue_paper("2020.acl-main.1", source="acl", venue="ACL", year=2020, title="At ACL", doi="10.1000/acl.1")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/arxiv/cs.AI", ["New id"]),
        ("/arxiv/cs.AI,cs.CL", ["New id"]),
        ("/arxiv/cs.AI+cs.LG-cs.CY", ["New id"]),
        ("/arxiv/cs.AI+cs.LG", ["New id", "Old cs id"]),
        ("/arxiv/cs.AI+cs.LG?from=2026-01", ["New id", "Old cs id"]),
        ("/arxiv/cs.AI+cs.LG-cs.CY?from=2026-01", ["New id"]),
        ("/arxiv/cs", ["New id", "Old cs id"]),
        ("/arxiv/cs?show=1", ["New id"]),
        ("/arxiv/cs?date=2026-03-02", ["Old cs id"]),
        ("/arxiv/hep-th", ["Old id"]),
        ("/arxiv/all?from=2026-03-02&to=2026-03-03", ["Four digits", "Old cs id", "Old id"]),
        ("/arxiv/all?from=2026-03-02&sort=oldest", ["Old id", "Old cs id", "Four digits", "New id"]),
        ("/arxiv/all?from=2026-03-02&show=1&skip=1", ["Four digits"]),
        ("/arxiv/cs.NA", []),
        ("/arxiv/cs.AI/", ["New id"]),
        ("/arxiv/all?date=2026-03&sort=title", ["Four digits", "New id", "Old cs id", "Old id"]),
        ("/arxiv/all?date=2026&show=1", ["New id"]),
        ("/venue/ICLR.2025", ["At OpenReview", "Poster"]),
        ("/venue/ICLR.2025?group=Oral", ["At OpenReview"]),
        ("/venue/ICLR.2024", ["Older"]),
        ("/venue/ICLR", ["At OpenReview", "Poster"]),
        ("/venue/iclr", ["At OpenReview", "Poster"]),
        ("/arxiv/2406.01234,1406.2661", ["New id", "Four digits"]),
        ("/arxiv/1406.02661%20hep-th/9901001", ["Four digits", "Old id"]),
        ("/venue/forumId_1@OpenReview,2020.acl-main.1@ACL", ["At OpenReview", "At ACL"]),
        ("/venue/2406.01234@arXiv,2020.acl-main.1@ACL", ["New id", "At ACL"]),
        ("/venue/2406.01234,2020.acl-main.1@ACL", ["New id", "At ACL"]),
    ],
)
def test_list_addresses(client: Client, address: str, shown: list[str]) -> None:
    assert titles(get(client, address)) == shown


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/arxiv/2406.01234", "New id"),
        ("/arxiv/2406.01234v3", "New id"),
        ("/arxiv/1406.2661", "Four digits"),
        ("/arxiv/1406.02661", "Four digits"),
        ("/arxiv/hep-th/9901001", "Old id"),
        ("/arxiv/hep-th/9901001/", "Old id"),
        ("/arxiv/cs/0112017v1", "Old cs id"),
        ("/venue/forumId_1@OpenReview", "At OpenReview"),
        ("/venue/forumId_1@openreview", "At OpenReview"),
        ("/venue/2020.acl-main.1@ACL", "At ACL"),
    ],
)
def test_paper_addresses(client: Client, address: str, title: str) -> None:
    assert f'<h1 id="paper-title" dir="auto">{title}</h1>' in get(client, address)


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/arxiv/2020.acl-main.1", "/venue/2020.acl-main.1@ACL"),
        ("/arxiv/10.1000/ACL.1", "/venue/2020.acl-main.1@ACL"),
        ("/venue/2406.01234@arXiv", "/arxiv/2406.01234"),
        ("/arxiv/?cat=cs.AI&cat=cs.CL", "/arxiv/cs.AI,cs.CL"),
    ],
)
def test_addresses_that_lead_on(client: Client, address: str, place: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, place)


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "address",
    [
        "/arxiv/9999.99999",
        "/arxiv/2401.99999",
        "/arxiv/cs.XX",
        "/arxiv/" + "-".join(["cs.AI"] * 500),
        "/arxiv/2401.99999,2401.99998",
        "/venue/Nowhere",
        "/venue/ICLR.1901",
        "/venue/missing@OpenReview",
        "/venue/@",
        "/venue/a@",
        "/nothing/here",
        "/arxiv/x%00y",
        "/arxiv/%ff%fe",
        "/venue/%F0%9F%92%A9",
    ],
)
def test_missing_places_are_404_with_a_search_box(client: Client, address: str) -> None:
    html = get(client, address, status=404)
    assert 'name="q"' in html


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("skip=1000000000000", "this page is past its end"),
        ("skip=" + "9" * 200, "is not a whole number"),
        ("date=2024-13-45", "is not a date"),
        ("from=2026-12&to=2026-01", "its ends were swapped"),
        ("sort=magic", "Unknown sort order"),
        ("show=-1", "is not a whole number"),
        ("date=0001-01-01", "No papers on Jan. 1, 0001."),
        ("date=9999-12-31", "No papers on Dec. 31, 9999."),
    ],
)
def test_absurd_requests_get_a_helpful_page(client: Client, query: str, words: str) -> None:
    assert words in get(client, f"/arxiv/all?{query}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(
    st.text(max_size=40), st.dictionaries(st.sampled_from(["date", "from", "skip", "show", "sort", "group"]), st.text())
)
def test_any_address_is_answered(client: Client, spec: str, parameters: dict[str, str]) -> None:
    for path in (f"/arxiv/{spec}", f"/venue/{spec}"):
        assert client.get(path, parameters).status_code in (200, 302, 404)


# ---- home and indexes -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shelf")
def test_home_shows_papers_categories_and_venues_with_counts(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(22):
        html = get(client, "/")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "cs.AI Artificial Intelligence 1" in text
    assert "ICLR 3 2025 2024" in text
    assert 'href="/arxiv/all?date=2026-03-04"' in html
    assert "8 papers · newest: March 4, 2026" in text
    assert titles(html)[:2] == ["New id", "Four digits"]
    with django_assert_max_num_queries(9):
        get(client, "/")


def test_a_library_that_was_not_updated_for_days_looks_stale(client: Client) -> None:
    make_paper()
    run = ImportRun.objects.create(source="jsonl", location="/data/papers.jsonl", finished=True)
    html = get(client, "/")
    assert "updated:" in html
    assert "is-stale" not in html
    ImportRun.objects.filter(pk=run.pk).update(updated_at=now() - timedelta(days=8))
    html = get(client, "/")
    assert '<strong class="is-stale">not updated for 8 days</strong>' in html
    assert "harvest_papers" in html


def test_how_to_update_is_told_to_librarians(client: Client, settings: Any) -> None:
    settings.ACCOUNTS = "open"
    make_paper()
    ImportRun.objects.create(source="jsonl", location="/data/papers.jsonl")
    ImportRun.objects.update(updated_at=now() - timedelta(days=8))
    assert "harvest_papers" not in get(client, "/")
    client.force_login(User.objects.create_user("lib", is_staff=True))
    assert "harvest_papers" in get(client, "/")


def test_the_starter_library_introduces_itself_until_dismissed(client: Client) -> None:
    make_paper()
    starter = ImportRun.objects.create(source="jsonl", location="/site/coolpapers/papers/starter/papers.jsonl")
    html = get(client, "/")
    assert "This is the starter library" in html
    assert "import_papers" in html
    get(client, "/?dismiss=starter", status=302)
    assert "This is the starter library" not in get(client, "/")
    client.cookies.clear()
    ImportRun.objects.create(source="pdf", location="/home/me/papers")
    assert "This is the starter library" not in get(client, "/")
    assert starter.location in list(ImportRun.objects.values_list("location", flat=True))


def test_most_starred_papers_name_no_single_reader(client: Client, settings: Any) -> None:
    settings.ACCOUNTS = "open"
    liked, mine = make_paper(title="Liked by two", day=None), make_paper(title="Liked by one", day=None)
    ms = int(now().timestamp() * 1000)
    for number, name in enumerate(("ada", "alan")):
        keep(make_user(name), Kind.STAR, liked.key, changed=ms - number)
    keep(User.objects.get(username="ada"), Kind.STAR, mine.key, changed=ms)
    assert titles(get(client, "/")) == ["Liked by two"]
    clear()
    settings.MOST_STARRED = False
    assert "Most starred" not in get(client, "/")
    clear()
    settings.MOST_STARRED = True
    Item.objects.update(changed=ms - 8 * 86_400_000)
    assert "Most starred" not in get(client, "/")


def test_an_empty_library_says_how_papers_come_in(client: Client) -> None:
    assert "import_papers" in get(client, "/")


@pytest.mark.usefixtures("shelf")
def test_indexes_of_categories_and_venues(client: Client) -> None:
    assert 'name="cat" value="cs.AI"' in get(client, "/arxiv/")
    assert 'href="/venue/ICLR.2024"' in get(client, "/venue/")


def test_the_admin_is_linked_for_staff_only(client: Client) -> None:
    assert "/admin/" not in get(client, "/")
    client.force_login(User.objects.create_user("lib", is_staff=True))
    assert "/admin/" in get(client, "/")


# ---- lists ------------------------------------------------------------------------------------------------


# PRODUCT.md 9, case 15.
def test_a_day_with_few_papers_is_complete_and_one_page(client: Client) -> None:
    papers = [make_paper() for _ in range(24)]
    html = get(client, "/arxiv/cs.CL")
    assert len(titles(html)) == len(papers)
    assert 'class="pager"' not in html


# PRODUCT.md 9, case 8.
def test_paging_keeps_sort_and_range(client: Client) -> None:
    for number in range(60):
        make_paper(title=f"Paper {number:02}")
    shown: list[str] = []
    address: str | None = "/arxiv/cs.CL?from=2026-03&sort=title"
    while address:
        html = get(client, address)
        shown += titles(html)
        assert 'aria-current="true">Title</a>' in html
        following = re.search(r'<a rel="next" href="([^"]+)">Next', html)
        address = following[1].replace("&amp;", "&") if following else None
    assert shown == [f"Paper {number:02}" for number in range(60)]


def test_htmx_gets_the_next_cards_only(client: Client) -> None:
    for _ in range(30):
        make_paper()
    html = get(client, "/arxiv/cs.CL")
    more = re.search(r'more-trigger" hx-get="([^"]+)"', html)
    assert more is not None
    fragment = get(client, more[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert len(titles(fragment)) == 5
    assert "<html" not in fragment
    assert "#26" in fragment
    assert "more-trigger" not in fragment


def test_pages_vary_by_htmx(client: Client) -> None:
    make_paper()
    assert "HX-Request" in client.get("/arxiv/cs.CL").headers["Vary"]


def test_days_link_to_their_neighbours(client: Client) -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        make_paper(day=day)
    html = get(client, "/arxiv/cs.CL?date=2026-03-03")
    assert 'rel="prev" data-day="before" href="?date=2026-03-02"' in html
    assert 'rel="next" data-day="after" href="?date=2026-03-04"' in html
    assert 'aria-current="date"' in html


def test_lists_announce_their_feeds(client: Client) -> None:
    make_paper()
    make_venue_paper("a")
    assert 'type="application/atom+xml" title="cs.CL" href="/arxiv/cs.CL/feed"' in get(client, "/arxiv/cs.CL")
    assert 'type="application/atom+xml" title="ICLR 2025" href="/venue/ICLR.2025/feed' in get(client, "/venue/ICLR")


@pytest.mark.parametrize("address", ["/arxiv/cs.CL?from=2026", "/arxiv/cs.CL", "/venue/ICLR"])
def test_a_list_takes_at_most_twelve_queries(client: Client, address: str, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_paper(categories=["cs.CL", "cs.AI"])
        make_venue_paper(f"id{number}")
    with django_assert_max_num_queries(12):
        assert len(titles(get(client, address))) == 25


def test_missing_ones_of_several_are_named(client: Client) -> None:
    make_paper(arxiv_id="2603.00001")
    assert "Not in this library: 2603.00009" in get(client, "/arxiv/2603.00001,2603.00009")


# ---- cards and papers -------------------------------------------------------------------------------------


# PRODUCT.md 9, case 20.
def test_forty_one_authors_fold_and_unfold_by_keyboard(client: Client) -> None:
    make_paper(authors=[f"Author {number}" for number in range(41)])
    html = get(client, "/arxiv/cs.CL")
    folded = re.search(r'<details class="more-authors"><summary>(.*?)</summary>(.*?)</details>', html, re.DOTALL)
    assert folded is not None
    assert folded[1] == "et al. (1 more)"
    assert "Author 40" in folded[2]
    assert "Author 39" not in folded[2]


def test_text_of_papers_is_escaped_everywhere(client: Client) -> None:
    evil = '<img src=x onerror="alert(1)">'
    make_paper(
        arxiv_id="2603.00007",
        title=f"T {evil}",
        abstract=f"A {evil}",
        authors=[f"N {evil}"],
        comment=f"C {evil}",
        journal_ref=evil,
        venue_text=evil,
        tldr=evil,
        abstract_label=evil,
        keywords=[evil],
        code_url="javascript:alert(1)",
        categories=["cs.CL"],
    )
    for address in ("/arxiv/cs.CL", "/arxiv/2603.00007", "/arxiv/2603.00007,2603.00008"):
        html = get(client, address)
        assert "<img src=x" not in html
        assert 'href="javascript:' not in html
    assert escape(f"C {evil}") in get(client, "/arxiv/2603.00007")


def test_formulas_are_marked_for_typesetting(client: Client) -> None:
    make_paper(arxiv_id="2603.00007", title="On $x^2$", abstract="We show $a<b$.")
    for address in ("/arxiv/cs.CL", "/arxiv/2603.00007"):
        html = get(client, address)
        assert r'<span class="math math-inline notranslate" translate="no">\(x^2\)</span>' in html
        assert r"\(a&lt;b\)" in html


def test_a_paper_page_shows_sources_and_versions(client: Client) -> None:
    paper = make_paper(arxiv_id="2603.00007", doi="10.1000/x", comment="12 pages", journal_ref="J. 1, 2")
    PaperSource.objects.create(
        paper=paper, source="acl", ident="2026.acl-main.9", key="acl:9", page_url="https://example.org/9"
    )
    PaperVersion.objects.create(paper=paper, number=1, date=date(2026, 3, 1))
    PaperVersion.objects.create(paper=paper, number=2, note="typo")
    html = get(client, "/arxiv/2603.00007v1")
    assert 'href="https://example.org/9"' in html
    assert "https://doi.org/10.1000/x" in html
    assert '<li aria-current="true">v1' in html
    assert "You requested version 1" in html
    assert '<link rel="canonical" href="http://testserver/arxiv/2603.00007">' in html


def test_the_reading_pane_gets_a_paper_with_a_tab_for_each_part(client: Client) -> None:
    paper = make_paper(
        arxiv_id="2406.01234", title="On <b>graphs</b>", abstract="We count $n^2$ paths.", categories=["cs.AI"]
    )
    response = client.get("/arxiv/2406.01234", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert f'data-key="{paper.key}"' in html
    assert re.findall(r'data-tab="(\w+)"', html) == ["abstract", "summary", "related", "pdf", "note", "cite"]
    controlled = set(re.findall(r'aria-controls="([\w-]+)"', html))
    assert controlled == set(re.findall(r'role="tabpanel" id="([\w-]+)"', html))
    for path in ("/summary/2406.01234", "/related/2406.01234", "/pdf/2406.01234", "/cite/2406.01234"):
        assert f'hidden hx-get="{path}" hx-trigger="intersect once"' in html
    assert "HX-Request" in response.headers["Vary"]
    assert "private" in response.headers["Cache-Control"]


def test_a_paper_without_pdf_has_no_tab_for_it(client: Client) -> None:
    make_venue_paper("a", title="Only words")
    html = get(client, "/venue/a@OpenReview", headers={"HX-Request": "true"})
    assert 'data-tab="cite"' in html
    assert 'data-tab="pdf"' not in html


def test_lists_have_a_reading_pane_where_they_have_papers(client: Client) -> None:
    make_paper(arxiv_id="2406.01234", categories=["cs.AI"], day=MONDAY)
    assert '<aside class="pane"' in get(client, "/arxiv/cs.AI")
    assert '<aside class="pane"' not in get(client, "/arxiv/cs.AI?date=2019-01-01")


def test_a_paper_page_tells_reference_managers(client: Client) -> None:
    make_paper(arxiv_id="2603.00007", title="Trees")
    html = get(client, "/arxiv/2603.00007")
    assert '<meta name="citation_title" content="Trees">' in html
    assert '<script type="application/ld+json">' in html


def test_withdrawn_papers_say_so(client: Client) -> None:
    make_paper(withdrawn=True)
    assert "Withdrawn" in get(client, "/arxiv/cs.CL")


def test_a_label_says_who_wrote_the_abstract(client: Client) -> None:
    make_paper(abstract_label="Abstract in our own words")
    assert "Abstract in our own words" in get(client, "/arxiv/cs.CL")


def test_pages_allow_nothing_from_elsewhere(client: Client) -> None:
    make_paper()
    response = client.get("/arxiv/cs.CL")
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    html = response.content.decode()
    # A canonical address is not fetched.
    assert not re.findall(r'(?:src|<link (?!rel="canonical")[^>]*href)="https?://', html)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_names_its_language(client: Client, language: str) -> None:
    assert f'<html lang="{language}"' in get(client, "/", headers={"Accept-Language": language})


def test_a_day_stands_in_the_calendar_of_its_month(client: Client) -> None:
    for day in (MONDAY, TUESDAY, TUESDAY, date(2026, 1, 30), date(2024, 2, 29)):
        make_paper(day=day)
    html = get(client, "/arxiv/cs.CL?date=2026-03-03&sort=title")
    calendar = html.split('<div class="calendar">')[1].split("</table>")[0]
    links = re.findall(r'href="([^"]*)"', calendar)
    assert links == [
        f"?date={day}&amp;sort=title" for day in ("2024-02", "2026-01", "2026-03", "2026-03-02", "2026-03-03")
    ]
    assert len(re.findall("<td", calendar)) % 7 == 0
    assert calendar.count('aria-current="date"') == 1
    text = " ".join(re.sub(r"<[^>]+>", " ", calendar).split())
    assert "2 1 paper 3 2 papers 4 5" in text
    assert 'aria-current="date"' in get(client, "/arxiv/cs.CL?date=2026-03").split('<div class="calendar">')[1]


def test_weeks_begin_on_sunday_in_english_and_on_monday_in_chinese(client: Client) -> None:
    make_paper(day=MONDAY)
    heads = [
        re.findall(r'<th scope="col">([^<]*)</th>', get(client, "/arxiv/cs.CL", headers={"Accept-Language": language}))
        for language in ("en", "zh-hans")
    ]
    assert heads[0] == ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"]
    assert heads[1] == ["一", "二", "三", "四", "五", "六", "日"]


def test_a_day_without_papers_points_to_the_nearest_days(client: Client) -> None:
    make_paper(day=MONDAY)
    make_paper(day=WEDNESDAY)
    html = get(client, "/arxiv/cs.CL?date=2026-03-03")
    nothing = html.split('<div class="nothing">')[1]
    assert "No papers on March 3, 2026." in nothing
    assert re.findall(r'class="button" href="([^"]*)"', nothing) == ["?date=2026-03-02", "?date=2026-03-04"]
    beyond = get(client, "/arxiv/cs.CL?from=2027-01-01")
    assert "No papers in these days." in beyond


def test_the_end_of_a_day_leads_to_the_day_before(client: Client) -> None:
    make_paper(day=MONDAY)
    for _number in range(3):
        make_paper(day=TUESDAY)
    whole = get(client, "/arxiv/cs.CL?date=2026-03-03")
    end = whole.split('<li class="day-end">')[1]
    assert "That was all 3 papers of March 3, 2026." in end
    assert 'href="?date=2026-03-02"' in end
    assert "day-end" not in get(client, "/arxiv/cs.CL?date=2026-03-03&show=2")
    assert "day-end" in get(client, "/arxiv/cs.CL?date=2026-03-03&show=2&skip=2", headers={"HX-Request": "true"})


def test_the_progress_of_a_day_counts_all_its_papers(client: Client) -> None:
    papers = [make_paper(day=TUESDAY) for _number in range(3)]
    user = make_user()
    keep(user, Kind.READ, papers[0].key)
    keep(user, Kind.READ, papers[2].key)
    keep(user, Kind.STAR, papers[2].key)
    keep(user, Kind.READ, make_paper(day=MONDAY).key)
    visitor = get(client, "/arxiv/cs.CL?date=2026-03-03&show=1")
    assert all(paper.key in visitor for paper in papers)
    client.force_login(user)
    html = get(client, "/arxiv/cs.CL?date=2026-03-03&show=1")
    assert ">2 seen</span>" in html
    assert ">1 starred</span>" in html
    assert "data-day-keys" not in get(client, "/arxiv/cs.CL?from=2026-03-02")
