from __future__ import annotations

import pytest

from coolpapers.finding.highlighting import ALL_PARTS, highlight_papers
from search.language.parser import parse_query


def test_papers_are_highlighted_by_key() -> None:
    rows = [("a", "On graphs", "A graph. " * 100), ("b", "None", "")]
    found = highlight_papers(parse_query("ti:graph"), rows, snippet=50)
    assert found["a"]["title"] == "On <mark>graphs</mark>"
    assert "<mark>" not in found["a"]["abstract"]
    assert found["a"]["abstract"].endswith(" …")
    assert found["b"] == {"title": "None", "abstract": ""}
    assert not highlight_papers(parse_query("graph"), rows)["a"]["abstract"].endswith("…")


@pytest.mark.parametrize("parts", [("title",), ("title", "abstract"), ALL_PARTS, ()])
def test_only_the_parts_that_are_shown_are_made_and_they_are_the_same(parts: tuple[str, ...]) -> None:
    rows = [("a", "On graphs", "Nothing here. " * 30 + "We draw graphs."), ("b", "None", "")]
    query = parse_query("graph")
    whole, some = highlight_papers(query, rows), highlight_papers(query, rows, parts=parts)
    assert set(whole["a"]) == set(ALL_PARTS)
    assert some == {key: {name: marked[name] for name in parts if name in marked} for key, marked in whole.items()}
