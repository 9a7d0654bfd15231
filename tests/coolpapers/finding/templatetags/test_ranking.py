from __future__ import annotations

from coolpapers.finding.paper_keywords import keywords_of
from coolpapers.finding.templatetags.ranking import paper_keywords
from coolpapers.papers.models import Paper


def test_the_keywords_are_those_of_title_and_abstract() -> None:
    paper = Paper(title="Graph sketches", abstract="A sketch of a graph keeps the paths of the graph.")
    expected = [keyword.word for keyword in keywords_of(paper.title, paper.abstract)]
    assert paper_keywords(paper) == {"words": expected}
