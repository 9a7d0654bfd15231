from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coolpapers.papers.importing.followers import join_followers, part_followers
from coolpapers.papers.models import Paper
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def summarize(paper: Paper, language: str, text: str) -> None:
    Summary.objects.create(paper=paper, language=language, markdown=text, requested_at=NOW)


def texts(paper: Paper) -> dict[str, str]:
    return dict(Summary.objects.filter(paper=paper).values_list("language", "markdown"))


def test_summaries_move_with_a_paper_and_come_back() -> None:
    older, younger = make_paper(), make_paper()
    summarize(younger, "en", "A digest.")
    kept = join_followers(younger.pk, into=older.pk)
    assert (texts(older), texts(younger)) == ({"en": "A digest."}, {})
    part_followers(younger.pk, of=older.pk, kept=kept)
    assert (texts(older), texts(younger)) == ({}, {"en": "A digest."})


def test_of_two_in_one_language_both_outlive_joining_and_parting() -> None:
    older, younger = make_paper(), make_paper()
    summarize(older, "en", "Of the older.")
    summarize(younger, "en", "Of the younger.")
    summarize(younger, "zh", "摘要")
    kept = join_followers(younger.pk, into=older.pk)
    assert texts(older) == {"en": "Of the older.", "zh": "摘要"}
    Paper.objects.filter(pk=younger.pk).delete()
    again = make_paper()
    part_followers(again.pk, of=older.pk, kept=kept)
    assert (texts(older), texts(again)) == ({"en": "Of the older."}, {"en": "Of the younger.", "zh": "摘要"})


def test_a_finished_text_replaces_an_unfinished_request() -> None:
    older, younger = make_paper(), make_paper()
    summarize(older, "en", "")
    summarize(younger, "en", "A digest.")
    join_followers(younger.pk, into=older.pk)
    assert texts(older) == {"en": "A digest."}
