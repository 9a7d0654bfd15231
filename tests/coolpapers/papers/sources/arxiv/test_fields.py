from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Dropped
from coolpapers.papers.sources.arxiv.fields import (
    announcement_day,
    is_withdrawn,
    parse_moment,
    read_moment,
    report_numbers,
    unwrap_abstract,
    versions_of,
)


def test_abstracts_are_unwrapped_and_paragraphs_kept() -> None:
    assert unwrap_abstract("  One\nline.\n  Two.\n") == "One\nline.\n\nTwo."


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author",
        "Withdrawn due to an error",
        "withdrawn. Full text available from the publisher",
        "The submission was withdrawn",
        "This submission has been temporarily withdrawn",
        "The document has been withdrawn due to some crucial hypotheses",
        "This paper has to be withdrawn by the author",
        "25 pages. The paper has been withdraw by the author due to a wrong proof",
        "47 pages This paper has been withdrawn by the author",
        "40 pages, 1 figure, This paper has been withdrawn by the author",
        "arXiv admin note: text overlap with arXiv:1610.00001 This paper has been withdrawn by the author",
        "This submission has been withdrawn by arXiv administrators due to disputed authorship",
        "This submission has been removed by arXiv administrators due to falsified authorship",
        "12 pages; paper withdrawn",
        "We withdraw this manuscript because a similar argument has been discussed",
        "There is a mistake, and thus the author plan to withdraw this paper",
        "We kindly request the withdrawal of our submission",
        "Since the error is not fixable, we would like to withdraw the article",
        "Withdrawal to make major changes",
        "WITHDRAWN BY THE AUTHORS",
        "The authors withdrew this paper",
        "v2: withdrawn, see another paper",
        "This article has been retracted",
        "Withdrawn from publication at the request of the authors",
        "[withdrawn]",
        "(Withdrawn)",
        "*WITHDRAWN*",
    ],
)
def test_withdrawal_is_told_in_the_wordings_of_arxiv(comment: str) -> None:
    assert is_withdrawn(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "12 pages; the claim of [3] was withdrawn",
        "The second assertion has been withdrawn due to a gap in the original proof",
        "This paper replaces the withdrawn paper arXiv:1234.56789",
        "This paper was withdrawn from a conference and rewritten",
        "An earlier version of this paper was withdrawn",
        "v2: Section 5 has been withdrawn",
        "We study how users withdraw the money",
        "opioid withdrawal symptoms in rats",
        "This paper has not been withdrawn",
        "v1 was withdrawn",
        "arXiv admin note: text overlap with arXiv:1610.00001",
        "The assumption of smallness has been removed",
        "Withdrawn section 3; accepted at ICML 2021",
        "Withdrawn Lemma 2",
        "[no longer withdrawn]",
    ],
)
def test_other_uses_of_the_word_are_no_withdrawal(comment: str) -> None:
    assert not is_withdrawn(comment)


def test_a_short_abstract_may_say_it_instead() -> None:
    assert is_withdrawn("", "This paper has been withdrawn by the authors due to an error in Lemma 3.9.")
    assert is_withdrawn("", "The article `Regularity'(arXiv:0711.00001) is withdrawn due to a serious error.")
    assert not is_withdrawn("", "We withdraw an assumption of earlier work.")
    assert not is_withdrawn("", "This paper has been withdrawn. " + "It describes a method. " * 40)


def test_report_numbers_are_split() -> None:
    assert report_numbers("CERN-TH/96-1, DESY 96-2; ") == ["CERN-TH/96-1", "DESY 96-2"]
    assert report_numbers("") == []


def test_a_bad_date_is_dropped() -> None:
    dropped: list[Dropped] = []
    assert read_moment("created", "soon", dropped) is None
    assert dropped == [Dropped("created", "'soon' is not a date")]


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        ("2024-05-20T17:59:00", "2024-05-21"),  # Monday before the deadline: that evening, Tuesday's list
        ("2024-05-20T18:00:00", "2024-05-22"),  # Monday at the deadline
        ("2024-05-23T17:00:00", "2024-05-24"),  # Thursday
        ("2024-05-24T17:00:00", "2024-05-27"),  # Friday before the deadline: Sunday evening
        ("2024-05-24T19:00:00", "2024-05-27"),  # Friday after it too
        ("2024-05-25T12:00:00", "2024-05-27"),  # Saturday
        ("2024-05-26T17:00:00", "2024-05-27"),  # Sunday
        ("2024-05-26T20:00:00", "2024-05-28"),  # Sunday after the deadline: Monday evening
        ("2024-01-08T18:30:00", "2024-01-09"),  # winter time: the deadline is 19:00 UTC
        ("2024-01-08T19:00:00", "2024-01-10"),
    ],
)
def test_the_day_of_the_list_follows_arxiv_s_schedule(submitted: str, listed: str) -> None:
    moment = datetime.fromisoformat(submitted).replace(tzinfo=UTC)
    assert announcement_day(moment) == date.fromisoformat(listed)


def test_moments_are_read_in_both_forms() -> None:
    assert parse_moment("created", "Mon, 2 Apr 2007 19:18:42 GMT") == datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC)
    assert parse_moment("created", "2024-05-24T18:30:00Z") == datetime(2024, 5, 24, 18, 30, tzinfo=UTC)
    assert parse_moment("created", "2024-05-24T00:30:00+02:00").date() == date(2024, 5, 23)
    assert parse_moment("created", "2024-05-24") == datetime(2024, 5, 24, tzinfo=UTC)
    with pytest.raises(BadField, match="'soon' is not a date"):
        parse_moment("created", "soon")


def test_versions_are_numbered() -> None:
    moment = datetime(2024, 5, 24, tzinfo=UTC)
    assert [(v.number, v.date) for v in versions_of([("v2", moment)])] == [(2, date(2024, 5, 24))]
    with pytest.raises(BadField, match="'vX' is not a version"):
        list(versions_of([("vX", moment)]))


@pytest.mark.parametrize("comment", ["Author has withdrawn the paper", "The authors have withdrawn this manuscript"])
def test_an_author_who_has_withdrawn_the_paper(comment: str) -> None:
    assert is_withdrawn(comment)
    assert not is_withdrawn("The authors have withdrawn the paper from the journal")
