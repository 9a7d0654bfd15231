"""Our parser against markdown-it's own on texts without formulas: the same blocks, the same inlines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from coolpapers.reading.markup.parser import MAX_BLOCK_NESTING, markdown_html
from coolpapers.reading.markup.sanitize import sanitize

PIECES = [
    "a", "b ", " ", "\n", "\n\n", "- ", "* ", "+ ", "1. ", "2) ", "> ", "# ", "## ", "---", "===", "---\n", "===\n",
    "`", "``", "```\n", "~~~\n", "*", "**", "_", "__", "~~", "[", "]", "](", ")", "(", "<", ">", "<http://a>", "&amp;",
    "&", "|", "|---|\n", "| a |\n", "a | b\n", "---|---\n", "    ", "  ", "\t", "!", '"', "'", ".", "[a]: b\n",
    "\n   ", "a\n",
]  # fmt: skip
# What we read otherwise on purpose: pictures, footnotes. An empty heading of a table is a plain cell.
OURS = re.compile(r"!\[|\[\^")


def reference_html(text: str) -> str:
    md = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "maxNesting": MAX_BLOCK_NESTING})
    html = md.enable(["table", "strikethrough"]).render(text)
    html = re.sub(r'style="text-align:(\w+)"', r'align="\1"', html)
    return re.sub(r"<th( [^>]*)?></th>", r"<td\1></td>", html)


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join).filter(lambda text: not OURS.search(text)))
def test_plain_markdown_is_read_as_markdown_it_reads_it(text: str) -> None:
    assert sanitize(markdown_html(text, partial=False)) == sanitize(reference_html(text))


@pytest.mark.parametrize("text", ["||---\n---|---\n", "| | a |\n|:--|:-:|\n| b | |\n"])
def test_an_empty_heading_of_a_table_is_a_plain_cell(text: str) -> None:
    html = markdown_html(text, partial=False)
    assert sanitize(html) == sanitize(reference_html(text))
    assert "<th></th>" not in html


def test_nothing_is_lost_in_ten_levels_of_lists() -> None:
    text = "".join("  " * depth + "- a\n" for depth in range(20))
    assert markdown_html(text, partial=False).count("<li>a") == 20
