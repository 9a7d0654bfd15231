from __future__ import annotations

from coolpapers.finding.highlighting import highlight_papers
from search.language.parser import parse_query


def test_papers_are_highlighted_by_key() -> None:
    rows = [("a", "On graphs", "A graph. " * 100), ("b", "None", "")]
    found = highlight_papers(parse_query("ti:graph"), rows, snippet=50)
    assert found["a"]["title"] == "On <mark>graphs</mark>"
    assert "<mark>" not in found["a"]["abstract"]
    assert found["a"]["abstract"].endswith(" …")
    assert found["b"] == {"title": "None", "abstract": ""}
    assert not highlight_papers(parse_query("graph"), rows)["a"]["abstract"].endswith("…")
