from __future__ import annotations

from django.template import Context, Template

from coolpapers.papers.models import Paper


def test_keywords_of_a_paper_lead_to_their_searches() -> None:
    paper = Paper(title="Graph sketches", abstract="A sketch of a graph keeps the paths of the graph.")
    html = Template("{% load ranking %}{% paper_keywords paper %}").render(Context({"paper": paper}))
    assert "q=graph" in html
