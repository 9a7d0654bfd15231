from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.coolpapers.finding.conftest import index_papers, own_index
from tests.coolpapers.papers.library import make_paper

__all__ = ["index_papers", "own_index"]
pytestmark = pytest.mark.django_db


def test_a_missing_paper_is_offered_where_it_was_looked_for(
    client: Client, settings: Any, index_papers: Callable[[], None]
) -> None:
    settings.GET_PAPERS = "everyone"
    make_paper(arxiv_id="2603.00001")
    index_papers()
    for path in ("/search?q=2603.09999", "/arxiv/2603.09999", "/abs/2603.09999", "/venue/P19-9@ACL"):
        page = client.get(path, follow=True).content.decode()
        assert 'action="/get/' in page, path
    assert 'action="/get/' not in client.get("/search?q=parsers").content.decode()
    settings.GET_PAPERS = "nobody"
    assert 'action="/get/' not in client.get("/search?q=2603.09999").content.decode()
