from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coolpapers.papers.errors import HarvestError, SourceUnavailable
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.harvesting.harvest import HarvestRequest, harvest
from coolpapers.papers.importing.services import ImportHooks
from coolpapers.papers.importing.upserting import UpsertReport
from coolpapers.papers.models import ImportRun, Paper
from tests.coolpapers.papers.harvesting.oai_server import (
    Answer,
    Clock,
    OaiServer,
    error_xml,
    page_xml,
    record_xml,
    serving,
)
from tests.coolpapers.papers.make import DATA
from tests.own_library import make_database

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]


def page(*ids: str, token: str | None = None, total: int | None = None) -> Answer:
    return Answer(page_xml([record_xml(ident) for ident in ids], token=token, total=total))


def run(
    server: OaiServer, *, clock: Clock | None = None, should_stop: Callable[[], bool] = lambda: False, **options: Any
) -> tuple[UpsertReport, list[str]]:
    asked = {
        name: options.pop(name)
        for name in ("set_spec", "from_date", "until_date", "metadata_prefix")
        if name in options
    }
    refused: list[str] = []
    clock = clock or Clock()
    hooks = ImportHooks(
        refused=lambda refusal: refused.append(str(refusal)),
        progressed=options.pop("progressed", ImportHooks().progressed),
        should_stop=should_stop,
    )
    with PoliteClient(timing=clock.timing, n_tries=4, should_stop=should_stop) as client:
        report = harvest(
            HarvestRequest(base_url=server.url, **asked),
            client=client,
            now=NOW,
            hooks=hooks,
            **options,
        )
    return report, refused


def keys() -> list[str]:
    return sorted(Paper.objects.values_list("key", flat=True))


def test_it_follows_resumption_tokens_to_the_end() -> None:
    shares: list[float | None] = []
    answers = [page("2405.90001", "2405.90002", token="t 1", total=3), page("2405.90003", token="", total=3)]
    with serving(*answers) as server:
        report, refused = run(server, set_spec="cs", progressed=lambda _report, share: shares.append(share))
    assert (report.added, refused) == (3, [])
    assert server.asked == [
        {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs"},
        {"verb": "ListRecords", "resumptionToken": "t 1"},
    ]
    assert shares == [pytest.approx(2 / 3), 1.0]


def test_it_waits_politely_and_obeys_retry_after() -> None:
    clock = Clock()
    busy = Answer(status=503, headers={"Retry-After": "30"})
    with serving(page("2405.90001", token="t"), busy, busy, page("2405.90002")) as server:
        run(server, clock=clock)
    assert clock.slept_s == pytest.approx(3 + 30 + 30)
    assert len(keys()) == 2


def test_a_malformed_page_and_a_dropped_connection_are_asked_for_again() -> None:
    whole = page("2405.90001", token="t")
    cut = Answer(whole.body[: len(whole.body) // 2])
    with serving(cut, Answer(whole.body, cut_at=50), whole, page("2405.90002")) as server:
        report, refused = run(server)
    assert (report.added, refused) == (2, [])


def test_a_page_that_stays_malformed_loses_only_its_bad_record() -> None:
    bad = record_xml("2405.90002").replace("</title>", "</tilte>")
    broken = Answer(page_xml([record_xml("2405.90001"), bad, record_xml("2405.90003")], token="t"))
    with serving(broken, broken, broken, page("2405.90004")) as server:
        report, refused = run(server)
    assert keys() == ["arxiv:2405.90001", "arxiv:2405.90003", "arxiv:2405.90004"]
    assert report.refused == 1
    assert "not well-formed XML" in refused[0]


def test_a_page_that_cannot_be_read_at_all_ends_the_harvest_where_it_can_go_on() -> None:
    with serving(page("2405.90001", token="t"), Answer("<html>maintenance</html>")) as server:
        with pytest.raises(SourceUnavailable, match="says not how the list goes on; run the command again later"):
            run(server)
        server.answers = [page("2405.90002")]
        run(server)
        assert server.asked[-1] == {"verb": "ListRecords", "resumptionToken": "t"}
    assert len(keys()) == 2


def test_a_server_that_fails_too_often_leaves_what_was_written() -> None:
    with (
        serving(page("2405.90001", token="t"), Answer(status=500)) as server,
        pytest.raises(SourceUnavailable, match="gave no usable answer in 4 tries"),
    ):
        run(server)
    assert keys() == ["arxiv:2405.90001"]
    assert ImportRun.objects.get().finished is False


def test_a_token_that_expired_begins_the_list_again_once() -> None:
    expired = Answer(error_xml("badResumptionToken", "expired"))
    with serving(page("2405.90001", token="t"), expired, page("2405.90001", "2405.90002")) as server:
        report, _ = run(server, from_date="2024-05-01")
        assert [query.get("from") for query in server.asked] == ["2024-05-01", None, "2024-05-01"]
    assert (report.added, report.skipped) == (2, 1)
    with (
        serving(page("2405.90001", token="t"), expired, page("2405.90001", token="t"), expired) as server,
        pytest.raises(HarvestError, match="badResumptionToken: expired"),
    ):
        run(server)


def test_a_refused_request_says_what_the_server_says() -> None:
    with (
        serving(Answer(error_xml("badArgument", "from is after until"))) as server,
        pytest.raises(HarvestError, match="badArgument: from is after until"),
    ):
        run(server, from_date="2024-05-02", until_date="2024-05-01")


def test_nothing_new_is_no_error() -> None:
    with serving(Answer(error_xml("noRecordsMatch", "none"))) as server:
        report, refused = run(server)
    assert (report.position, refused) == (0, [])
    assert ImportRun.objects.get().finished


def test_a_list_that_never_ends_is_noticed() -> None:
    with (
        serving(page("2405.90001", token="t")) as server,
        pytest.raises(SourceUnavailable, match="the same resumption token again; its list has no end"),
    ):
        run(server)


def test_repeated_and_deleted_records() -> None:
    records = [record_xml("2405.90001", title="First form"), record_xml("2405.90001", title="Second form"),
               record_xml("2405.90002"), record_xml("2405.90003", deleted=True)]  # fmt: skip
    later = [record_xml("2405.90001", title="Third form"), record_xml("2405.90002", deleted=True)]
    with serving(Answer(page_xml(records, token="t")), Answer(page_xml(later))) as server:
        report, refused = run(server)
    assert refused == []
    assert Paper.objects.get(key="arxiv:2405.90001").title == "Third form"
    assert Paper.objects.get(key="arxiv:2405.90002").withdrawn
    assert len(keys()) == 2
    assert report.refused == 0


def test_the_next_harvest_asks_for_what_changed_since_the_last() -> None:
    with serving(page("2405.90001", token="t"), page("2405.90002"), page("2405.90003")) as server:
        run(server)
        run(server)
        run(server, from_date="2020-01-01")
        run(server, restart=True)
        assert [query.get("from") for query in server.asked] == [None, None, "2024-06-01", "2020-01-01", None]


def test_a_limit_stops_after_its_page_and_the_next_run_goes_on() -> None:
    with serving(page("2405.90001", "2405.90002", token="t", total=3), page("2405.90003", total=3)) as server:
        run(server, limit=1)
        assert len(server.asked) == 1
        run(server)
        assert server.asked[-1]["resumptionToken"] == "t"
    run_row = ImportRun.objects.get()
    assert (run_row.position, run_row.finished) == (3, True)


def test_a_stop_while_waiting_keeps_the_place() -> None:
    clock = Clock()
    busy = Answer(status=503, headers={"Retry-After": "600"})
    with serving(page("2405.90001", token="t"), busy) as server:
        run(server, clock=clock, should_stop=lambda: clock.slept_s > 10)
    assert clock.slept_s < 20
    assert '"t"' in ImportRun.objects.get().token


def test_a_dry_run_leaves_no_trace() -> None:
    with serving(page("2405.90001", token="t"), page("2405.90002")) as server:
        report, _ = run(server, dry_run=True)
    assert report.added == 2
    assert keys() == []
    assert not ImportRun.objects.exists()


def test_another_library_is_harvested_through_dublin_core() -> None:
    body = (DATA / "arxiv_oai" / "dublin_core.xml").read_text(encoding="utf-8")
    with serving(Answer(body)) as server:
        run(server, metadata_prefix="oai_dc")
        assert server.asked[0]["metadataPrefix"] == "oai_dc"
    assert keys() == ["acl:2020.acl-main.9001", "arxiv:hep-th/9901001"]


def test_a_killed_harvest_goes_on_with_the_page_after_the_last_one_written(tmp_path: Path) -> None:
    """The server never answers the second page; the process is killed while it waits."""
    environment = {**os.environ, "COOLPAPERS_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "coolpapers.settings"}
    environment.pop("COOLPAPERS_POSTGRES_DB", None)
    make_database(tmp_path)
    with serving(page("2405.90001", token="t"), Answer(status=503, headers={"Retry-After": "500"})) as server:
        command = [sys.executable, "manage.py", "harvest_papers", "--base-url", server.url, "--interval", "0"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        while len(server.asked) < 2:
            assert process.poll() is None
        process.kill()
        process.wait()
        server.answers = [page("2405.90002")]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert server.asked[-1] == {"verb": "ListRecords", "resumptionToken": "t"}
    assert "1 added, 0 changed, 0 unchanged, 0 refused" in done.stdout
