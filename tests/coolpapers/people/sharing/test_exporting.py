from __future__ import annotations

import json
from typing import Any

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations import FORMATS, cite
from coolpapers.people.sharing.exporting import (
    CHUNK,
    EXPORT_FORMATS,
    ListText,
    find_format,
    lower_headings,
    write_papers,
)
from coolpapers.reading.markup.markdown import render_markdown
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.papers.works import make_paper as describe_paper
from tests.coolpapers.reading.made import NOW


def written(papers: Any, name: str, shelf: ListText | None = None) -> str:
    return "".join(write_papers(papers, name, shelf))


def some_papers(n: int) -> list[Any]:
    """Papers of few authors and titles, so that citation keys meet again across the pieces of a file."""
    return [
        describe_paper(key=f"k{i}", title=f"On Trees {'again' * (i % 3)}", authors=[f"Ada L{'o' * (i % 4)}velace"])
        for i in range(n)
    ]


# The oracle: the pieces together are what cite() writes of all papers at once.
@pytest.mark.parametrize("n", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 30])
@pytest.mark.parametrize(("name", "cited"), [("bibtex", "bibtex"), ("ris", "ris"), ("csl-json", "csl")])
def test_the_chunks_join_to_the_whole_file(name: str, cited: str, n: int) -> None:
    papers = some_papers(n)
    assert written(papers, name) == cite(papers, cited)


def test_a_list_in_markdown_is_that_of_the_citations() -> None:
    papers = some_papers(CHUNK + 5)
    assert written(papers, "markdown") == cite(papers, "markdown")


def test_a_thousand_papers_come_in_chunks() -> None:
    pieces = list(write_papers(some_papers(1000), "bibtex"))
    assert len(pieces) == 10
    entries = bibtexparser.parse_string("".join(pieces)).entries
    assert len({entry.key for entry in entries}) == 1000


def test_a_truncated_list_says_so_if_the_format_allows() -> None:
    papers, shelf = some_papers(2), ListText(truncation="The first 2 papers of 9.")
    text = written(papers, "bibtex", shelf)
    assert text.startswith("% The first 2 papers of 9.\n")
    assert len(bibtexparser.parse_string(text).entries) == 2
    assert "The first 2 papers of 9." in written(papers, "markdown", shelf)
    assert len(json.loads(written(papers, "csl-json", shelf))) == 2


def test_notes_stand_below_their_papers() -> None:
    papers = [describe_paper(key="a", title="A"), describe_paper(key="b", title="B")]
    shelf = ListText(title="Read *me*", text="For Monday.", notes={"b": "first line\nsecond", "a": " "})
    text = written(papers, "markdown", shelf)
    assert text.startswith("# Read \\*me\\*\n\nFor Monday.\n\n- ")
    assert text.endswith("  first line\n  second\n")


@pytest.mark.django_db
def test_a_digest_has_abstract_note_and_summary_of_each_paper() -> None:
    first = make_paper(title="Attention $x_1$ *stars*", abstract="We show $a_b$ and 3 * 4.")
    second = make_paper(title="Other")
    for language, text in (("zh", "中文"), ("en", "## What?\n\nThis.\n\n```\n# not a heading\n```")):
        Summary.objects.create(
            paper=first, language=language, markdown=text, label="a model", requested_at=NOW, status="done"
        )
    Summary.objects.create(paper=second, language="en", partial="half", requested_at=NOW, status="running")
    text = written([first, second], "digest", ListText(title="Mine", notes={first.key: "Read §3"}))
    assert text.startswith("# Mine\n\n## 1. Attention $x_1$ \\*stars\\*\n\nAda Lovelace, Alan Turing (2026). [")
    assert "\n\n> Read §3\n\n**Abstract.** We show $a_b$ and 3 \\* 4.\n\n### Summary (a model)\n\n#### What?" in text
    assert "# not a heading" in text
    assert "中文" not in text
    assert "half" not in text
    html = str(render_markdown(text))
    assert html.count("<h2") + html.count("<h3") + html.count("<h4") >= 4


@pytest.mark.django_db
def test_summaries_are_queried_once_per_chunk(django_assert_num_queries: Any) -> None:
    papers = [make_paper() for _ in range(3)]
    with django_assert_num_queries(1):
        written(papers, "digest")


def test_every_format_of_citations_that_tools_read_is_there() -> None:
    assert set(EXPORT_FORMATS) == {"bibtex", "ris", "csl-json", "endnote", "zotero", "markdown", "text", "digest"}
    assert {find_format(name) for name in ("csl", "csl-json")} == {EXPORT_FORMATS["csl-json"]}
    assert find_format("docx") is None
    assert EXPORT_FORMATS["ris"].media_type == FORMATS["ris"].media_type


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("## A\n### B", "#### A\n##### B"),
        ("# A\n#### B", "#### A\n###### B"),
        ("##### A", "##### A"),
        ("no heading\n#tag", "no heading\n#tag"),
        ("# A\n```\n# code\n```\n# B", "#### A\n```\n# code\n```\n#### B"),
        ("# A\n~~~\n```\n# code\n~~~\n# B", "#### A\n~~~\n```\n# code\n~~~\n#### B"),
    ],
)
def test_headings_are_lowered_and_code_is_left(text: str, lowered: str) -> None:
    assert lower_headings(text, below=3) == lowered


@given(st.lists(st.sampled_from(["# a", "## b", "###### c", "text", "```", "~~~", "#d", ""])), st.integers(1, 5))
def test_lowering_keeps_lines_and_never_raises_a_heading(lines: list[str], below: int) -> None:
    before, after = "\n".join(lines).splitlines(), lower_headings("\n".join(lines), below=below).split("\n")
    assert [line.lstrip("#") for line in before] == [line.lstrip("#") for line in after if before or line]
    assert all(len(new) >= len(old) for old, new in zip(before, after))
