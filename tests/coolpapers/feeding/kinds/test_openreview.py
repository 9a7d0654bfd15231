from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from coolpapers.feeding.kinds import openreview
from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import body, make_source, run
from tests.local_servers import Exchange, serve

pytestmark = pytest.mark.django_db
VENUE = "ICLR.cc/2026/Conference"


def note(number: int) -> dict[str, Any]:
    """A note as the second version of the API gives it."""
    content = {
        "title": {"value": f"Paper {number} at a conference"},
        "authors": {"value": ["Ada Example", f"Number {number}"]},
        "abstract": {"value": "Abstract."},
        "venue": {"value": "ICLR 2026 Poster"},
        "venueid": {"value": VENUE},
    }
    name = f"abcdefgh{number:02d}"
    return {"id": name, "forum": name, "content": content, "invitations": [f"{VENUE}/-/Submission"], "version": 2}


def notes(exchange: Exchange) -> None:
    query = parse_qs(urlsplit(exchange.path).query)
    start, limit = int(query["offset"][0]), int(query["limit"][0])
    found = [note(number) for number in range(5)] if query["content.venueid"] == [VENUE] else []
    exchange.answer(200, json.dumps({"notes": found[start : start + limit], "count": len(found)}).encode())


def test_a_venue_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openreview, "PAGE_SIZE", 2)
    with serve(notes) as server:
        source = make_source("openreview", address=server.url, selection=VENUE)
        assert run(source).is_complete
        assert len(server.asked) == 3
        run(source)
    source.refresh_from_db()
    assert (source.n_added, source.n_changed) == (0, 0)
    papers = Paper.objects.select_related("venue")
    assert {(paper.venue and paper.venue.slug, paper.venue_year, paper.track) for paper in papers} == {
        ("ICLR", 2026, "Poster")
    }
    assert len(papers) == 5


def test_a_venue_without_notes_is_named() -> None:
    with serve(notes) as server:
        outcome = run(make_source("openreview", address=server.url, selection="Nowhere.cc/2026/Conference"))
    assert "Nowhere.cc/2026/Conference; check its id" in outcome.error


def test_no_venue_is_a_mistake() -> None:
    with serve(body("{}")) as server:
        assert "Select venues" in run(make_source("openreview", address=server.url)).error
