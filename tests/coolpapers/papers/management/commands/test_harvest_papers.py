from __future__ import annotations

import io

import httpx
import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.management.commands.harvest_papers import Command
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.harvesting.oai_server import error_xml, page_xml, record_xml
from tests.coolpapers.papers.make import DATA

pytestmark = pytest.mark.django_db


class Transport(httpx.MockTransport):
    """Answers in order and remembers the addresses asked for."""

    def __init__(self, *bodies: str) -> None:
        self.asked: list[httpx.URL] = []
        self._bodies = list(bodies)
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        return httpx.Response(200, content=self._bodies.pop(0).encode())


def run(transport: Transport, *arguments: str) -> str:
    out = io.StringIO()
    command = Command(stdout=out, stderr=io.StringIO(), no_color=True)
    command.transport = transport
    call_command(command, *arguments, "--interval=0")
    return out.getvalue()


def test_each_set_is_harvested_and_reported() -> None:
    transport = Transport(page_xml([record_xml("2405.90001")]), page_xml([record_xml("2405.90002")]))
    out = run(transport, "--set=cs", "--set=math", "--from=2024-05-01", "--until=2024-05-31")
    assert out == (
        "https://oaipmh.arxiv.org/oai cs: 1 added, 0 changed, 0 unchanged, 0 refused\n"
        "https://oaipmh.arxiv.org/oai math: 1 added, 0 changed, 0 unchanged, 0 refused\n"
    )
    assert [dict(url.params) for url in transport.asked] == [
        {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": name, "from": "2024-05-01", "until": "2024-05-31"}
        for name in ("cs", "math")
    ]


def test_single_papers_come_from_the_query_api() -> None:
    transport = Transport((DATA / "arxiv_atom" / "feed.xml").read_text(encoding="utf-8"))
    assert run(transport, "--ids=arXiv:2405.90001v1") == "arXiv: 1 added, 0 changed, 0 unchanged, 0 refused\n"
    assert transport.asked[0].params["id_list"] == "2405.90001"
    assert Paper.objects.get().key == "arxiv:2405.90001"


def test_single_papers_come_from_the_repository_that_is_named() -> None:
    records = [page_xml([record_xml(ident)]) for ident in ("2405.90001", "2405.90002")]
    transport = Transport(*records)
    run(transport, "--ids=2405.90001,2405.90002", "--base-url=https://mirror.example/oai")
    assert {(url.host, url.path, url.params["verb"]) for url in transport.asked} == {
        ("mirror.example", "/oai", "GetRecord")
    }
    assert set(Paper.objects.values_list("key", flat=True)) == {"arxiv:2405.90001", "arxiv:2405.90002"}


def test_refused_records_make_exit_status_1() -> None:
    with pytest.raises(CommandError, match="1 records were refused") as caught:
        run(Transport(page_xml([record_xml("2405.90001", title=" "), record_xml("2405.90002")])))
    assert caught.value.returncode == 1
    assert Paper.objects.count() == 1


def test_an_error_of_the_server_is_told_with_the_cure() -> None:
    with pytest.raises(CommandError, match=r"badArgument: no such set Run the same command again to go on\."):
        run(Transport(error_xml("badArgument", "no such set")))


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--from=yesterday", "argument --from: 'yesterday' is not a date such as 2024-05-31"),
        ("--ids=P19-1001", "is not a list of arXiv ids"),
        ("--ids=attention", "is not a list of arXiv ids"),
    ],
)
def test_mistakes_in_the_arguments_are_named(argument: str, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(Transport(), argument)
    assert message in str(caught.value)


def test_a_dry_run_saves_nothing() -> None:
    out = run(Transport(page_xml([record_xml("2405.90001")])), "--dry-run")
    assert "1 added" in out
    assert not Paper.objects.exists()
