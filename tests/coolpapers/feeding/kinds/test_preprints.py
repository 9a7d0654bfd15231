from __future__ import annotations

import pytest

from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import body, make_source, run
from tests.coolpapers.papers.make import DATA
from tests.local_servers import serve

pytestmark = pytest.mark.django_db
FIRST = (DATA / "biorxiv" / "details.json").read_bytes()
NEXT = (DATA / "biorxiv" / "next.json").read_bytes()
NONE = '{"messages":[{"status":"no posts found"}],"collection":[]}'


def test_days_are_read_in_weeks_and_page_by_page() -> None:
    with serve(body(NONE), body(FIRST), body(NEXT), body(NONE)) as server:
        source = make_source("biorxiv", address=server.url, since="2026-02-20")
        source.refresh_from_db()
        assert run(source).error == ""
        assert [asked.path for asked in server.asked] == [
            "/biorxiv/2026-02-20/2026-02-26/0/json",
            "/biorxiv/2026-02-27/2026-03-05/0/json",
            "/biorxiv/2026-02-27/2026-03-05/2/json",
        ]
        source.refresh_from_db()
        assert (source.n_added, source.cursor) == (3, {"biorxiv": "2026-03-05"})
        run(source)
        assert server.asked[-1].path == "/biorxiv/2026-03-03/2026-03-05/0/json"
    assert Paper.objects.get(doi="10.1101/2026.03.01.700001").authors[2] == "D. de la Cruz"


def test_days_that_were_missed_are_caught_up() -> None:
    with serve(body(NONE)) as server:
        source = make_source("biorxiv", address=server.url, selection="medrxiv", cursor={"medrxiv": "2026-02-01"})
        run(source)
        days = [asked.path.split("/")[2:4] for asked in server.asked]
        assert days[0][0] == "2026-01-30"
        assert days[-1][1] == "2026-03-05"
        assert len(days) == 5


def test_an_answer_that_is_none_of_the_api_is_a_failure_with_a_reason() -> None:
    with serve(body("<html>maintenance</html>")) as server:
        source = make_source("biorxiv", address=server.url)
        outcome = run(source, run_s=0.5)  # it would try again in some seconds
    assert not outcome.is_complete
    assert not source.cursor


def test_other_servers_are_refused() -> None:
    assert "select biorxiv or medrxiv" in run(make_source("biorxiv", selection="chemrxiv")).error
