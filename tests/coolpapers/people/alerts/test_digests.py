from __future__ import annotations

import datetime as dt

from coolpapers.people.alerts.digests import MAX_ENTRIES, Links, compose, subject_of
from coolpapers.people.alerts.sections import Section
from coolpapers.people.state.saved_searches import SavedSearch
from tests.coolpapers.papers.works import make_paper

NOW = dt.datetime(2026, 3, 10, 6, tzinfo=dt.UTC)
LINKS = Links("https://papers.example.org", "https://papers.example.org/me/alerts/stop/token")


def search(ident: str = "s1", query: str = "graphs", name: str = "", saved: dt.datetime = NOW) -> SavedSearch:
    return SavedSearch(ident, name, query, True, saved, saved)


def test_a_mail_lists_papers_and_the_unsubscribe_link() -> None:
    paper = make_paper(title="On $x<y$ & \\emph{trees}", abstract="word " * 200, authors=[f"A{n}" for n in range(9)])
    conference = make_paper(
        key="arxiv:2406.09999", arxiv_id="2406.09999", title="Parsing <b>all</b>", venue="ACL", venue_year=2020
    )
    sections = [
        Section(search(name="Trees & graphs"), (paper.key,), n_listed_above=2),
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


def test_an_invalid_query_is_reported() -> None:
    sections = [Section(search(query="year:soon"), problem="“soon” is no year at position 6.", is_new_problem=True)]
    mail = compose(sections, {}, LINKS, site_name="Papers")
    assert mail.subject == "A saved search has an invalid query"
    assert "“soon” is no year at position 6." in " ".join(mail.text.split())
    assert "“soon” is no year at position 6." in mail.html


def test_a_long_list_is_truncated_and_counted() -> None:
    papers = {f"k{n}": make_paper(key=f"k{n}", title=f"Paper {n}") for n in range(MAX_ENTRIES + 5)}
    mail = compose([Section(search(), tuple(papers))], papers, LINKS, site_name="Papers")
    assert mail.subject == "35 new papers: graphs"
    assert f"{MAX_ENTRIES}. Paper {MAX_ENTRIES - 1}" in mail.text
    assert f"Paper {MAX_ENTRIES}\n" not in mail.text
    assert "And 5 more" in mail.text
    assert "https://papers.example.org/search?q=graphs&sort=newest" in mail.text


def test_a_subject_is_one_line_whatever_the_name() -> None:
    subject = subject_of([Section(search(name="a\r\nBcc: you@example.org"), ("k",))])
    assert subject == "1 new paper: a Bcc: you@example.org"


def test_a_paper_deleted_meanwhile_is_left_out() -> None:
    mail = compose([Section(search(), ("gone",))], {}, LINKS, site_name="Papers")
    assert "gone" not in mail.text
