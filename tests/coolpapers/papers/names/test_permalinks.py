from __future__ import annotations

import pytest

from coolpapers.papers.models import Paper, PaperSource
from coolpapers.papers.names.permalinks import (
    author_path,
    category_path,
    clean_spec,
    first_source,
    host_of,
    paper_path,
    source_label,
    venue_path,
    web_address,
)
from tests.coolpapers.papers.addresses import MALFORMED
from tests.coolpapers.papers.library import make_paper, make_venue_paper


@pytest.mark.django_db
def test_an_arxiv_paper_lives_under_its_id() -> None:
    assert paper_path(make_paper(arxiv_id="hep-th/9901001")) == "/arxiv/hep-th/9901001"


@pytest.mark.django_db
def test_other_papers_live_under_their_source() -> None:
    assert paper_path(make_venue_paper("aBc_1-2")) == "/venue/aBc_1-2@OpenReview"
    assert paper_path(make_venue_paper("2020.acl-main.1", source="acl")) == "/venue/2020.acl-main.1@ACL"
    assert paper_path(make_venue_paper("my notes?", source="lab")) == "/venue/my%20notes%3F@File"


@pytest.mark.django_db
def test_a_paper_typed_in_by_hand_has_an_address() -> None:
    paper = Paper.objects.create(key="memo-1", title="Memo", revision=1)
    assert paper.get_absolute_url() == "/venue/memo-1@File"


@pytest.mark.django_db
def test_the_first_source_is_the_record_the_paper_was_met_in() -> None:
    paper = make_venue_paper("first")
    later = PaperSource.objects.create(paper=paper, source="acl", ident="x", key="acl:x")
    assert first_source(paper.key, [later, *paper.sources.exclude(pk=later.pk)]).ident == "first"  # type: ignore[union-attr]
    assert first_source("gone", [later]) == later
    assert first_source("gone", []) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Ada Lovelace", "/author/Ada%20Lovelace"),
        ("Ada  Lovelace & Sons?", "/author/Ada%20Lovelace%20&%20Sons%3F"),
        ("Ada/Alan\0", "/author/Ada%20Alan"),
        ("..", "/author/"),  # a step up in an address
    ],
)
def test_an_author_has_an_address(name: str, path: str) -> None:
    assert author_path(name) == path


def test_venues_and_categories() -> None:
    assert venue_path("ICLR", 2025) == "/venue/ICLR.2025"
    assert venue_path("ICLR", None) == "/venue/ICLR"
    assert category_path("cond-mat.str-el") == "/arxiv/cond-mat.str-el"
    assert source_label("pmlr") == "PMLR"
    assert source_label("elsewhere") == "File"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "", " https://x"])
def test_only_web_addresses_are_linked(url: str) -> None:
    assert web_address(url) == ""


def test_a_final_slash_and_nul_are_dropped_from_addresses() -> None:
    assert clean_spec("cs.AI/") == "cs.AI"
    assert clean_spec("hep-th/99\x0001001//") == "hep-th/9901001"


def test_web_addresses_stay() -> None:
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_address_is_none(url: str) -> None:
    assert (host_of(url), web_address(url)) == ("", "")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.ORG:8443/a", "example.org"),
        ("http://[2001:db8::1]:80/a.pdf", "2001:db8::1"),
        ("https://user:word@example.org/", "example.org"),
        ("https://example.org/a[1].pdf?b=[2]", "example.org"),
        ("https://пример.example/", "пример.example"),
    ],
)
def test_odd_addresses_have_their_host(url: str, host: str) -> None:
    assert (host_of(url), web_address(url)) == (host, url)
