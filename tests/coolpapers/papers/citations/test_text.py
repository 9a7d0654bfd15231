from __future__ import annotations

from coolpapers.papers.citations import cite
from coolpapers.papers.citations.text import MAX_AUTHORS
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def test_plain_text_is_one_line_a_paper() -> None:
    assert cite([make_paper(), make_journal_paper()], "text") == (
        "Ada Lovelace, Ludwig van der Vaart (2025). Shift-Invariant Attention for Long Documents. "
        "arXiv:2406.01234 [cs.CL]. https://arxiv.org/abs/2406.01234\n"
        "Ada Lovelace, Ludwig van der Vaart (1996). Shift-Invariant Attention for Long Documents. "
        "Phys.Rev., D54, 1234–1240. arXiv:2406.01234 [cs.CL]. https://arxiv.org/abs/2406.01234\n"
    )


def test_plain_text_without_arxiv_gives_the_doi() -> None:
    assert "doi:10.18653/v1/2020.acl-main.1." in cite([make_conference_paper()], "text")


def test_markdown_links_the_title_and_escapes_what_markdown_would_read() -> None:
    line = cite([make_paper(title="Bounds_on [x] & <b> with $a_1 * b$?")], "markdown")
    assert r"[Bounds\_on \[x\] &amp; \<b\> with $a_1 * b$?](https://arxiv.org/abs/2406.01234) arXiv" in line


def test_markdown_marks_the_container() -> None:
    assert " *Phys.Rev., D54, 1234–1240*. " in cite([make_journal_paper()], "markdown")


def test_an_address_with_brackets_stays_one_link() -> None:
    line = cite([make_paper(arxiv_id="", page_url="https://example.org/a(b)c d")], "markdown")
    assert "](https://example.org/a%28b%29c%20d)" in line


def test_beyond_twenty_authors_the_line_says_et_al() -> None:
    paper = make_paper(authors=[f"A. Author{n}" for n in range(MAX_AUTHORS + 1)])
    line = cite([paper], "text")
    assert f"Author{MAX_AUTHORS - 1} et al. (2025)." in line
    assert f"Author{MAX_AUTHORS}," not in line


def test_title_and_abstract_come_with_authors_and_address_and_formulas() -> None:
    assert cite([make_paper()], "abstract") == (
        "Shift-Invariant Attention for Long Documents\nAda Lovelace, Ludwig van der Vaart\n"
        "https://arxiv.org/abs/2406.01234\n\nWe prove $O(n)$ bounds.\n"
    )
