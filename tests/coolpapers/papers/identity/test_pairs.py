from __future__ import annotations

import pytest

from coolpapers.papers.identity.evidence import Evidence
from coolpapers.papers.identity.pairs import Pair
from coolpapers.papers.identity.places import VenueMatch
from tests.coolpapers.papers.identity.make import evidence, preprint

ABSTRACT = " ".join(f"word{n} of the abstract" for n in range(20))


@pytest.mark.parametrize(
    ("match", "one", "other"),
    [
        (VenueMatch.SAME, evidence(venue="ICLR 2020"), evidence(venue="ICLR 2021")),
        (VenueMatch.SAME, evidence(venue="NIPS 2016"),
         evidence(venue="Advances in Neural Information Processing Systems")),
        (VenueMatch.SAME, evidence(venue="J. Obsc. Res."), evidence(venue="Journal of Obscure Research")),
        (VenueMatch.SAME, preprint(journal_ref="Nature 521, 436-444 (2015)"), evidence(venue="Nature")),
        (VenueMatch.OTHER, evidence(venue="ICLR 2020"), evidence(venue="ICML 2020")),
        (VenueMatch.OTHER, evidence(venue="ICLR 2020"), evidence(venue="ICLR 2020 Workshop")),
        (VenueMatch.UNSURE, evidence(venue="Journal of Baz"), evidence(venue="Journal of Qux")),
        (VenueMatch.UNSURE, evidence(venue="ICLR 2020"), evidence(venue="Journal of Qux")),
        (VenueMatch.MISSING, evidence(), evidence(venue="ICLR 2020")),
        (VenueMatch.MISSING, preprint(journal_ref="Some words, 2020"), evidence(venue="ICLR 2020")),
    ],
)  # fmt: skip
def test_venues(match: VenueMatch, one: Evidence, other: Evidence) -> None:
    assert Pair(one, other).venue is match
    assert Pair(other, one).venue is match


def test_volumes_and_pages_differ_only_where_both_are_told() -> None:
    assert Pair(evidence(volume="5"), evidence()).is_same_volume
    assert Pair(evidence(volume="5", pages="1-9"), evidence(volume="5", pages="1-8")).is_same_volume
    assert not Pair(evidence(volume="5"), evidence(volume="6")).is_same_volume
    assert not Pair(evidence(pages="1-9"), evidence(pages="10-19")).is_same_volume


def test_a_notice_and_a_book_are_other_kinds_than_a_paper() -> None:
    assert Pair(evidence(), evidence(title="Erratum: A title")).kinds_differ
    assert Pair(evidence(kind="journal"), evidence(kind="book")).kinds_differ
    assert not Pair(evidence(kind="journal"), evidence(kind="conference")).kinds_differ
    assert not Pair(evidence(kind="thesis"), evidence()).kinds_differ


def test_abstracts_are_shared_where_most_runs_of_words_are() -> None:
    longer = f"{ABSTRACT} and a sentence that was added for the conference"
    assert Pair(evidence(abstract=ABSTRACT), evidence(abstract=longer)).shares_abstract
    assert not Pair(evidence(abstract=ABSTRACT), evidence(abstract=ABSTRACT[:40])).shares_abstract
    assert not Pair(evidence(abstract=ABSTRACT), evidence(abstract=ABSTRACT.replace(" of ", " in "))).shares_abstract
    assert not Pair(evidence(), evidence()).shares_abstract


def test_a_preprint_beside_a_publication() -> None:
    assert Pair(preprint(), evidence(venue="ICLR 2020")).is_preprint_and_publication
    assert not Pair(preprint(), evidence()).is_preprint_and_publication
    assert not Pair(evidence(venue="ICLR 2020"), evidence(venue="ICML 2020")).is_preprint_and_publication


def test_abstracts_differ_where_hardly_a_run_of_words_is_the_same() -> None:
    other = " ".join(f"another{n} sentence of this kind" for n in range(20))
    assert Pair(evidence(abstract=ABSTRACT), evidence(abstract=other)).abstracts_differ
    assert not Pair(evidence(abstract=ABSTRACT), evidence(abstract=ABSTRACT)).abstracts_differ
    assert not Pair(evidence(abstract=ABSTRACT), evidence()).abstracts_differ


def test_another_issue_or_first_page_is_another_place() -> None:
    assert Pair(evidence(issue="1"), evidence(issue="2")).is_other_place
    assert Pair(evidence(pages="12-20"), evidence(pages="345")).is_other_place
    for one, other in (
        ({"pages": "1-9"}, {"pages": "345"}),
        ({"pages": "12"}, {}),
        ({"pages": "S12"}, {"pages": "12"}),
    ):
        assert not Pair(evidence(**one), evidence(**other)).is_other_place


def test_a_pair_is_the_same_in_either_order() -> None:
    one, other = evidence(title="Preface to the study"), evidence(title="The study of it all")
    assert Pair(one, other).is_recurring
    assert Pair(other, one).is_recurring
    assert Pair(evidence(title="Trees"), evidence()).is_short
    assert not Pair(evidence(), evidence(title="Trees")).is_distinctive
