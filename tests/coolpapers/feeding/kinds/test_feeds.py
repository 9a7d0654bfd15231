from __future__ import annotations

import pytest

from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import body, make_source, run
from tests.coolpapers.papers.make import DATA
from tests.local_servers import Exchange, serve

pytestmark = pytest.mark.django_db
RSS = (DATA / "feed" / "arxiv.rss").read_bytes()
CHANGED_AT = "Wed, 04 Mar 2026 05:00:00 GMT"


def dated(exchange: Exchange) -> None:
    if exchange.headers.get("If-Modified-Since") == CHANGED_AT:
        exchange.answer(304)
    else:
        exchange.answer(200, RSS, Last_Modified=CHANGED_AT)


def test_a_feed_is_read_where_it_has_changed() -> None:
    with serve(dated) as server:
        source = make_source("feed", address=server.url)
        run(source)
        assert Paper.objects.get().arxiv_id == "2603.01234"
        assert run(source).is_complete
        source.refresh_from_db()
        assert (source.cursor, source.n_added) == ({"tag": CHANGED_AT}, 0)


def test_a_page_that_is_no_feed_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.feeding.scheduling._TRIES", 1)
    with serve(body("<html><body>Sign in</body></html>")) as server:
        outcome = run(make_source("feed", address=server.url))
    assert "not an RSS or Atom feed" in outcome.error


def test_a_feed_needs_an_address() -> None:
    assert run(make_source("feed")).error == "Give the address of the feed."
