"""Tags and entities in titles and abstracts."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.latex.html_tags import decode_entity, paired_tags, read_tag


@pytest.mark.parametrize(
    ("tag", "element", "closes"),
    [
        ("<i>", "em", False),
        ("</I>", "em", True),
        ("<sub>", "sub", False),
        ("&lt;/b&gt;", "strong", True),
        ("<jats:italic>", "em", False),
        ('<span class="x">', "", False),
        ("<br/>", "", False),
    ],
)
def test_a_tag_becomes_an_element_or_nothing(tag: str, element: str, closes: bool) -> None:
    assert read_tag(tag) == (element, closes)


def test_only_pairs_count() -> None:
    assert paired_tags("<i>a</i> <b>c <br> </u>", [(0, 24)]) == {0, 4, 14}
    assert paired_tags("<i><b>a</i></b>", [(0, 15)]) == {3, 11}
    assert paired_tags("<i>a</i>", [(0, 3), (4, 8)]) == {0, 4}
    assert paired_tags("p<0.05 <think>a</think> 1<p and p>2", [(0, 35)]) == set()


def test_entities_are_decoded_where_html_knows_them() -> None:
    assert [decode_entity(entity) for entity in ("&amp;", "&#8211;", "&mdash;", "&foo;")] == ["&", "–", "—", "&foo;"]
