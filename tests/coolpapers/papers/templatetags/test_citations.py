from __future__ import annotations

import json
import re

from django.template import Context, Template
from django.test import RequestFactory

from tests.coolpapers.papers.works import make_paper


def test_coins_stand_escaped_in_an_attribute() -> None:
    rendered = Template('{% load citations %}<span class="Z3988" title="{{ paper|coins }}"></span>').render(
        Context({"paper": make_paper(title='"><script>alert(1)</script>')})
    )
    assert "<script>" not in rendered
    assert "&amp;rft.title=%22%3E%3Cscript%3E" in rendered


def test_a_paper_page_gets_meta_tags_and_json_ld_of_its_own_address() -> None:
    request = RequestFactory().get("/arxiv/2406.01234?sort=x")
    rendered = Template("{% load citations %}{% citation_tags paper %}").render(
        Context({"request": request, "paper": make_paper(title='A "B" </script>')})
    )
    assert '<meta name="citation_title" content="A &quot;B&quot; &lt;/script&gt;">' in rendered
    assert rendered.count("citation_author") == 2
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', rendered)
    assert script is not None
    assert json.loads(script[1])["url"] == "http://testserver/arxiv/2406.01234"
