from __future__ import annotations

import pytest

from coolpapers.finding.pages.explaining import MAX_SHARES, Why, explain_hits, explain_related
from search.engines.results import Explanation, Hit, Share
from search.ranking.related import RelatedHit


def explain(explanation: Explanation, text: str = "", **highlights: str) -> Why:
    return explain_hits([Hit("k", 1.0, explanation)], text=text, highlights={"k": highlights})["k"]


def test_shares_are_named_for_readers_the_largest_first() -> None:
    why = explain(Explanation(4.0, (Share("abstract", "graph", 1.0), Share("title", "tree", 3.0)), 0.5, 7, 2))
    assert why.shares == (("title", "tree", 3.0, 75), ("abstract", "graph", 1.0, 25))
    assert (why.bm25_score, why.similarity, why.rank_before, why.rank_after) == (4.0, 0.5, 7, 2)
    assert not why.is_by_meaning_alone


def test_words_are_those_of_the_paper_not_stems() -> None:
    shares = (
        Share("title", "diffus", 2.0),
        Share("title_exact", "diffusion", 1.0),
        Share("abstract", "model", 1.0),
        Share("author", "model", 0.5),
    )
    why = explain(
        Explanation(4.5, shares),
        "diffusion models",
        title="<mark>Diffusion</mark> for all",
        abstract="A <mark>Modelled</mark> &amp; <mark>modelling</mark> world",
    )
    assert why.shares == (
        ("title", "Diffusion", 3.0, 67),
        ("abstract", "Modelled", 1.0, 22),
        ("authors", "models", 0.5, 11),
    )
    assert [(part.name, part.words) for part in why.parts] == [
        ("title", ("Diffusion",)),
        ("abstract", ("Modelled",)),
        ("other", ("models",)),
    ]


def test_a_compound_found_by_its_closed_form_is_named_as_written() -> None:
    why = explain(
        Explanation(2.0, (Share("abstract_closed", "multitask", 2.0),)), "multitask", abstract="<mark>multi-task</mark>"
    )
    assert why.shares == (("abstract", "multi-task", 2.0, 100),)


def test_many_shares_are_cut() -> None:
    shares = tuple(Share("title", f"w{number}", float(number)) for number in range(50))
    assert [word for _, word, _, _ in explain(Explanation(1.0, shares)).shares] == [
        f"w{number}" for number in range(49, 49 - MAX_SHARES, -1)
    ]


def test_a_hit_without_the_words_says_so() -> None:
    assert explain(Explanation(similarity=0.4)).is_by_meaning_alone
    assert not explain(Explanation()).is_by_meaning_alone


def test_coverage_is_said_in_percent() -> None:
    assert explain(Explanation(coverage=0.666)).covered_percent == 67
    assert explain(Explanation()).covered_percent is None


def test_a_score_of_nothing_has_no_shares_in_percent_and_no_bar() -> None:
    why = explain(Explanation(0.0, (Share("title", "a", 0.0),)))
    assert why.shares == (("title", "a", 0.0, 0),)
    assert why.parts == ()


def test_a_bar_splits_the_part_of_words_by_their_fields() -> None:
    shares = (Share("title", "graph", 6.0), Share("abstract", "graph", 2.0))
    parts = {"bm25": 0.2, "coverage": 0.1, "dense": 0.4, "rerank": 0.1}
    why = explain(Explanation(8.0, shares, parts=parts))
    assert [(part.name, part.percent) for part in why.parts] == [
        ("title", 19),
        ("abstract", 6),
        ("coverage", 12),
        ("dense", 50),
        ("rerank", 12),
    ]
    assert why.parts[0].width == pytest.approx(100 * 0.15 / 0.8, abs=0.01)
    assert sum(part.width for part in why.parts) == pytest.approx(100, abs=0.05)


def test_the_bars_of_a_page_have_one_scale() -> None:
    hits = [
        Hit("first", 1.0, Explanation(parts={"dense": 0.8})),
        Hit("second", 1.0, Explanation(parts={"dense": 0.1, "rerank": 0.3})),
        Hit("third", 1.0),
    ]
    why = explain_hits(hits, text="graph")
    assert sorted(why) == ["first", "second"]
    assert [part.width for part in why["first"].parts] == [100]
    assert [(part.start, part.width) for part in why["second"].parts] == [(0, 12.5), (12.5, 37.5)]


def test_a_related_paper_names_what_is_shared() -> None:
    why = explain_related(RelatedHit("k", 0.1, {"meaning": 2, "words": 1}, 0.5, 3.0, ("car", "road")))
    assert why.shared == ("car", "road")
    assert why.bm25_score == 3.0
    assert why.signals == ("words", "meaning")
