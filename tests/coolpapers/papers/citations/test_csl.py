from __future__ import annotations

import json
from typing import Any

from coolpapers.papers.citations import cite
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper

# Types and variables of CSL 1.0.2 that we use; a misspelt one would be dropped silently by every reader.
TYPES = {"article", "paper-conference", "article-journal", "manuscript"}
VARIABLES = {
    "id", "type", "title", "author", "issued", "container-title", "event-title", "volume", "issue", "page",
    "publisher", "number", "archive", "archive_location", "DOI", "URL", "abstract", "keyword", "note",
}  # fmt: skip


def read(*papers: Any) -> list[dict[str, Any]]:
    items = json.loads(cite(papers, "csl"))
    for item in items:
        assert item["type"] in TYPES
        assert item.keys() <= VARIABLES
    return list(items)


def test_a_preprint_is_what_zotero_reads_as_one() -> None:
    (item,) = read(make_paper())
    assert (item["type"], item["number"]) == ("article", "arXiv:2406.01234")
    # A style that prints number, publisher and archive would say arXiv three times.
    assert not {"publisher", "archive", "archive_location"} & item.keys()
    assert item["issued"] == {"date-parts": [[2025, 1, 9]]}
    assert item["author"][1] == {"family": "van der Vaart", "given": "Ludwig"}


def test_a_conference_paper_has_its_container_and_only_a_year() -> None:
    (item,) = read(make_conference_paper())
    assert item["type"] == "paper-conference"
    assert item["issued"] == {"date-parts": [[2020]]}
    assert (item["event-title"], item["DOI"]) == ("ACL 2020", "10.18653/v1/2020.acl-main.1")


def test_a_journal_article_has_volume_and_pages() -> None:
    (item,) = read(make_journal_paper())
    assert [item[name] for name in ("container-title", "volume", "page")] == ["Phys.Rev.", "D54", "1234-1240"]


def test_names_without_given_part_are_literal() -> None:
    (item,) = read(make_paper(authors=["ATLAS Collaboration", "张三", "Guy Steele Jr."]))
    assert item["author"] == [
        {"literal": "ATLAS Collaboration"},
        {"literal": "张三"},
        {"family": "Steele", "given": "Guy", "suffix": "Jr."},
    ]


def test_ids_are_the_bibtex_keys() -> None:
    items = read(make_paper(), make_paper())
    assert items[1]["id"] == items[0]["id"] + "a"
    assert f"{{{items[1]['id']}," in cite([make_paper(), make_paper()])


def test_no_papers_make_an_empty_list() -> None:
    assert read() == []


def test_a_published_paper_says_arxiv_once() -> None:
    (item,) = read(make_journal_paper())
    assert (item["archive"], item["archive_location"]) == ("arXiv", "2406.01234")
    assert not {"publisher", "number"} & item.keys()


def test_keywords_with_commas_are_separated_by_semicolons() -> None:
    (item,) = json.loads(cite([make_paper(keywords=["Logic, Semantics", "parsing"])], "csl"))
    assert item["keyword"] == "Logic, Semantics; parsing"
