from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coolpapers.papers.errors import BadField
from coolpapers.papers.sources.arxiv.fields import (
    announcement_day,
    is_withdrawn,
    parse_moment,
    split_authors,
    unwrap_abstract,
    versions_of,
)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("A. One, B. Two and C. Three", ["A. One", "B. Two", "C. Three"]),
        ("A. One and B. Two", ["A. One", "B. Two"]),
        ("A. One, B. Two, and C. Three", ["A. One", "B. Two", "C. Three"]),
        ("A. One (U. of X (Dept. Y), Z), J. Doe, Jr.", ["A. One", "J. Doe Jr."]),
        ("A. Sand", ["A. Sand"]),
        ("A. One;\n  B. Two", ["A. One", "B. Two"]),
        ("", []),
        ("A. One (unclosed", ["A. One"]),
    ],
)
def test_author_lines_are_split(line: str, names: list[str]) -> None:
    assert split_authors(line) == names


def test_abstracts_are_unwrapped_and_paragraphs_kept() -> None:
    assert unwrap_abstract("  One\nline.\n  Two.\n") == "One\nline.\n\nTwo."


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        ("This paper has been withdrawn by the author", True),
        ("Withdrawn due to an error", True),
        ("The submission was withdrawn", False),
        ("This submission has been temporarily withdrawn", True),
        ("12 pages; the claim of [3] was withdrawn", False),
        ("", False),
    ],
)
def test_withdrawal_is_what_the_comment_begins_with(comment: str, wanted: bool) -> None:
    assert is_withdrawn(comment) is wanted


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
