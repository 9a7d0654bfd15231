from __future__ import annotations

from urllib.parse import parse_qs

from coolpapers.papers.citations.embedded.coins import MAX_AUTHORS, context_object
from coolpapers.papers.citations.work import describe_work
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def read(paper: Paper) -> dict[str, list[str]]:
    text = context_object(describe_work(paper))
    assert " " not in text
    assert "+" not in text  # Zotero reads a plus sign as a blank
    return parse_qs(text, strict_parsing=True)


def test_a_preprint_names_zoteros_type() -> None:
    pairs = read(make_paper(title="A & B = C+"))
    assert pairs["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:dc"]
    assert (pairs["rft.type"], pairs["rft.title"]) == (["preprint"], ["A & B = C+"])
    assert pairs["rft.au"] == ["Lovelace, Ada", "van der Vaart, Ludwig"]
    assert pairs["rft_id"] == ["https://arxiv.org/abs/2406.01234"]


def test_a_conference_paper_is_a_proceeding_with_article_and_book_title() -> None:
    pairs = read(make_conference_paper())
    assert (pairs["rft_val_fmt"], pairs["rft.genre"]) == (["info:ofi/fmt:kev:mtx:book"], ["proceeding"])
    assert pairs["rft.btitle"][0].startswith("Proceedings")
    assert "info:doi/10.18653/v1/2020.acl-main.1" in pairs["rft_id"]


def test_an_article_has_journal_volume_and_pages() -> None:
    pairs = read(make_journal_paper())
    assert (pairs["rft.jtitle"], pairs["rft.volume"], pairs["rft.pages"]) == (["Phys.Rev."], ["D54"], ["1234-1240"])


def test_a_collaboration_of_thousands_does_not_swell_the_card() -> None:
    pairs = read(make_paper(authors=[f"A. Author{n}" for n in range(3000)]))
    assert len(pairs["rft.au"]) == MAX_AUTHORS
