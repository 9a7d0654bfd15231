from __future__ import annotations

from coolpapers.finding.pages.explaining import MAX_SHARES, explain_hit, explain_related
from search.engines.results import Explanation, Share
from search.ranking.related import RelatedHit


def test_shares_are_named_for_readers_the_largest_first() -> None:
    why = explain_hit(
        Explanation(4.0, (Share("abstract", "graph", 1.0), Share("title_exact", "graphs", 3.0)), 0.5, 7, 2)
    )
    assert why.shares == (("title, exact form", "graphs", 3.0, 75), ("abstract", "graph", 1.0, 25))
    assert (why.bm25_score, why.similarity, why.rank_before, why.rank_after) == (4.0, 0.5, 7, 2)
    assert not why.is_by_meaning_alone


def test_a_compound_found_by_its_closed_form_is_named_so() -> None:
    why = explain_hit(Explanation(2.0, (Share("abstract_closed", "multitask", 2.0),)))
    assert why.shares == (("abstract, hyphenated form", "multitask", 2.0, 100),)


def test_many_shares_are_cut() -> None:
    shares = tuple(Share("title", f"w{number}", float(number)) for number in range(50))
    assert [term for _, term, _, _ in explain_hit(Explanation(1.0, shares)).shares] == [
        f"w{number}" for number in range(49, 49 - MAX_SHARES, -1)
    ]


def test_a_hit_without_the_words_says_so() -> None:
    assert explain_hit(Explanation(similarity=0.4)).is_by_meaning_alone
    assert not explain_hit(Explanation()).is_by_meaning_alone


def test_coverage_is_said_in_percent() -> None:
    assert explain_hit(Explanation(coverage=0.666)).covered_percent == 67
    assert explain_hit(Explanation()).covered_percent is None


def test_a_score_of_nothing_has_no_shares_in_percent() -> None:
    assert explain_hit(Explanation(0.0, (Share("title", "a", 0.0),))).shares == (("title", "a", 0.0, 0),)


def test_a_related_paper_names_what_is_shared() -> None:
    why = explain_related(RelatedHit("k", 0.1, {"meaning": 2, "words": 1}, 0.5, 3.0, ("car", "road")))
    assert why.shared == ("car", "road")
    assert why.bm25_score == 3.0
    assert why.signals == ("words", "meaning")
