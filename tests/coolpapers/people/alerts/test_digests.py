from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.alerts.digests import (
    OVERLAP,
    SHOWN,
    Links,
    Section,
    assemble,
    compose,
    is_worth_a_mail,
    last_due,
    looked_from,
    subject_of,
    told_keys,
)
from coolpapers.people.searches.new_papers import Findings
from coolpapers.people.state.saved_searches import SavedSearch
from tests.coolpapers.papers.citations.made import make_paper

NOW = dt.datetime(2026, 3, 10, 6, tzinfo=dt.UTC)
LINKS = Links("https://papers.example.org", "https://papers.example.org/me/alerts/stop/token")


def search(ident: str = "s1", query: str = "graphs", name: str = "", saved: dt.datetime = NOW) -> SavedSearch:
    return SavedSearch(ident, name, query, True, saved, saved)


found = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=5)


# ---- what a mail tells -----------------------------------------------------------------------------------


@given(found, st.sets(st.sampled_from("abcdefgh")))
def test_each_paper_has_one_place_and_none_that_was_sent(outcomes: list[list[str]], sent: set[str]) -> None:
    pairs = [(search(str(n)), Findings(tuple(keys))) for n, keys in enumerate(outcomes)]
    sections = assemble(pairs, sent=sent)
    told = told_keys(sections)
    assert len(told) == len(set(told))
    assert set(told) == {key for keys in outcomes for key in keys} - sent
    for section in sections:
        mine = set(outcomes[int(section.search.ident)]) - sent
        assert len(section.keys) + section.n_above == len(mine)


def test_a_problem_is_worth_one_mail() -> None:
    pairs = [(search(), "an unclosed quote at position 3")]
    new = assemble(pairs, sent=())
    assert is_worth_a_mail(new)
    told = assemble(pairs, sent=(), told_problems=["s1"])
    assert not is_worth_a_mail(told)
    assert told[0].problem
    assert not is_worth_a_mail(assemble([(search(), Findings(("a",)))], sent=["a"]))


def test_a_search_is_followed_from_when_it_was_saved() -> None:
    day = dt.timedelta(days=1)
    assert looked_from(search(saved=NOW - 2 * day), {}, checked_at=None, now=NOW) == NOW - 2 * day
    assert looked_from(search(saved=NOW - 90 * day), {}, checked_at=None, now=NOW) == NOW - OVERLAP
    assert looked_from(search(saved=NOW + 90 * day), {}, checked_at=None, now=NOW) == NOW
    known = {"query": "graphs", "since": (NOW - 90 * day).isoformat()}
    assert looked_from(search(), known, checked_at=NOW - day, now=NOW) == NOW - day - OVERLAP
    other = {"query": "trees", "since": (NOW - 90 * day).isoformat()}
    assert looked_from(search(saved=NOW - day), other, checked_at=NOW, now=NOW) == NOW - day


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-10T06:00:00+00:00", "2026-03-10T06:00:00+00:00"),
        ("2026-03-10T05:59:00+00:00", "2026-03-09T06:00:00+00:00"),
        ("2026-03-10T23:00:00+00:00", "2026-03-10T06:00:00+00:00"),
    ],
)
def test_mails_are_due_once_a_day(now: str, due: str) -> None:
    assert last_due(dt.datetime.fromisoformat(now), hour=6, zone=dt.UTC).isoformat() == due


def test_mails_are_due_by_the_clock_of_the_site() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = dt.datetime(2026, 7, 1, 4, 30, tzinfo=dt.UTC)
    assert last_due(summer, hour=6, zone=berlin).astimezone(dt.UTC).hour == 4


# ---- its words -------------------------------------------------------------------------------------------


def test_a_mail_says_what_it_found_and_how_to_stop() -> None:
    paper = make_paper(title="On $x<y$ & \\emph{trees}", abstract="word " * 200, authors=[f"A{n}" for n in range(9)])
    conference = make_paper(
        key="arxiv:2406.09999", arxiv_id="2406.09999", title="Parsing <b>all</b>", venue="ACL", venue_year=2020
    )
    sections = [
        Section(search(name="Trees & graphs"), (paper.key,), n_above=2),
        Section(search("s2"), (conference.key,)),
    ]
    mail = compose(sections, {paper.key: paper, conference.key: conference}, LINKS, site_name="Papers")
    assert mail.subject == "2 new papers for 2 searches"
    assert mail.text.startswith(
        "Trees & graphs\ngraphs\n==============\n\n1. On $x<y$ & trees\n   A0, A1, A2, A3, A4 et al.\n"
    )
    assert "https://papers.example.org/arxiv/2406.01234" in mail.text
    assert "2 matching papers are already listed above." in mail.text
    assert mail.text.rstrip().endswith(LINKS.unsubscribe)
    assert max(map(len, mail.text.splitlines())) < 200
    assert "On $x&lt;y$ &amp; trees" in mail.html
    assert "<b>all</b>" not in mail.html
    assert "<script" not in mail.html
    assert f'href="{LINKS.unsubscribe}"' in mail.html


def test_a_query_that_cannot_be_read_is_told() -> None:
    sections = [Section(search(query="year:soon"), problem="“soon” is no year at position 6.", is_news=True)]
    mail = compose(sections, {}, LINKS, site_name="Papers")
    assert mail.subject == "A saved search has an invalid query"
    assert "“soon” is no year at position 6." in " ".join(mail.text.split())
    assert "“soon” is no year at position 6." in mail.html


def test_a_long_list_is_cut_and_counted() -> None:
    papers = {f"k{n}": make_paper(key=f"k{n}", title=f"Paper {n}") for n in range(SHOWN + 5)}
    mail = compose([Section(search(), tuple(papers))], papers, LINKS, site_name="Papers")
    assert mail.subject == "35 new papers: graphs"
    assert f"{SHOWN}. Paper {SHOWN - 1}" in mail.text
    assert f"Paper {SHOWN}\n" not in mail.text
    assert "And 5 more" in mail.text
    assert "https://papers.example.org/search?q=graphs&sort=newest" in mail.text


def test_a_subject_is_one_line_whatever_the_name() -> None:
    subject = subject_of([Section(search(name="a\r\nBcc: you@example.org"), ("k",))])
    assert subject == "1 new paper: a Bcc: you@example.org"


def test_a_paper_deleted_meanwhile_is_left_out() -> None:
    mail = compose([Section(search(), ("gone",))], {}, LINKS, site_name="Papers")
    assert "gone" not in mail.text
