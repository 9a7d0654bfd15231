from __future__ import annotations

from coolpapers.papers.identity.evidence import own_doi
from tests.coolpapers.papers.identity.make import evidence, preprint


def test_a_preprint_spans_the_years_of_its_versions() -> None:
    assert preprint(updated="2022-01-01").years == (2020, 2022)
    assert preprint(updated="2022-01-01", venue="ICLR 2021").years == (2021, 2021)
    assert evidence(year=None).years is None
    assert evidence(year=2020, venue="ICLR 2021").years == (2021, 2021)


def test_the_doi_of_a_volume_is_left_out() -> None:
    assert evidence(doi="10.1007/978-3-319-10590-1").doi == ""
    assert evidence(doi="10.1007/978-3-319-10590-1_2").doi == "10.1007/978-3-319-10590-1_2"
    assert own_doi("doi", "10.1000/1", "") == "10.1000/1"


def test_volume_and_first_page_come_from_their_fields_or_the_journal_reference() -> None:
    cited = evidence(journal_ref="Phys.Rev. D54 (1996) 1234-1240")
    assert (cited.volume, cited.first_page, cited.journal_ref) == ("D54", "1234", "Phys.Rev.")
    told = evidence(volume="54", pages="0012-20")
    assert (told.volume, told.first_page) == ("54", "12")


def test_what_is_published_and_what_is_a_preprint() -> None:
    assert preprint().is_preprint
    assert evidence(arxiv_id="2005.00001").is_preprint
    assert evidence(doi="10.1101/2020.01.01.123456").is_preprint
    assert not evidence(arxiv_id="2005.00001", venue="ICLR 2021").is_preprint
    assert evidence(venue="ICLR 2021").is_published
    assert evidence(key="acl:2020.acl-main.1").is_published
    assert not evidence().is_published
    assert evidence(key="acl:2020.acl-main.1").is_registry
    assert not preprint().is_registry


def test_a_known_venue_is_one_of_the_catalogue_or_a_registry_s_word() -> None:
    assert evidence(venue="ICLR 2021").is_known_venue
    assert not evidence(venue="Meeting on Quuxes 2021").is_known_venue
    assert evidence(key="acl:W19-5001", venue="Meeting on Quuxes 2021").is_known_venue
    assert not evidence().is_known_venue


def test_tracks_tell_workshops_and_what_was_not_accepted() -> None:
    assert evidence(venue="ICLR 2021", status="Reject").is_unpublished
    assert evidence(venue="ICLR 2021", status="Withdrawn").is_unpublished
    assert not evidence(venue="ICLR 2021", status="Poster").is_unpublished
    assert evidence(venue="ICLR 2021 Workshop").is_workshop


def test_kinds_of_publication_fall_into_families() -> None:
    assert evidence(kind="journal").family == evidence(kind="chapter").family == "paper"
    assert evidence(kind="preprint").family == evidence(kind="report").family == ""
    assert evidence(kind="book").family == "book"
