from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.management.commands.audit_papers import Command
from tests.coolpapers.papers.harvesting.oai_server import header_xml, headers_xml
from tests.coolpapers.papers.make import record, row, write_jsonl

pytestmark = pytest.mark.django_db


def run(*arguments: str, transport: httpx.BaseTransport | None = None) -> tuple[str, CommandError | None]:
    out = io.StringIO()
    command = Command(stdout=out, stderr=io.StringIO(), no_color=True)
    command.transport = transport
    try:
        call_command(command, *arguments)
    except CommandError as exc:
        return out.getvalue(), exc
    return out.getvalue(), None


def test_missing_papers_are_named_and_the_exit_status_is_1(tmp_path: Path) -> None:
    upsert_records([record(key="arxiv:2405.00001")])
    rows = [row(id=f"arxiv:2405.0000{n}", date="2024-05-02", categories=["cs.CL"]) for n in (1, 2, 3)]
    out, error = run(str(write_jsonl(tmp_path / "listing.jsonl", rows)))
    assert out == "2024-05-02 cs.CL: 3 listed, 1 held, missing: arxiv:2405.00002 arxiv:2405.00003\n"
    assert error is not None
    assert (str(error), error.returncode) == ("2 of 3 papers are missing.", 1)


def test_a_whole_library_is_told_so(tmp_path: Path) -> None:
    upsert_records([record(key="arxiv:2405.00001")])
    listing = tmp_path / "ids.txt"
    listing.write_text("2405.00001\n")
    assert run(str(listing)) == (
        "all: 1 listed, 1 held\nNothing is missing: all 1 papers are in the library.\n",
        None,
    )


def test_json_tells_the_same(tmp_path: Path) -> None:
    listing = tmp_path / "ids.txt"
    listing.write_text("2405.00001\n")
    out, error = run(str(listing), "--json")
    assert json.loads(out) == {
        "listed": 1,
        "missing": ["arxiv:2405.00001"],
        "unreadable": [],
        "rows": [{"day": "", "category": "", "listed": 1, "held": 0, "missing": ["arxiv:2405.00001"]}],
    }
    assert error is not None


def test_standard_input_is_a_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BufferedReader(io.BytesIO(b"2405.00001\n"))

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert run("-")[0] == "all: 1 listed, 0 held, missing: arxiv:2405.00001\n"


def test_a_repository_can_be_asked() -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, content=headers_xml([header_xml("2405.00001")]).encode())

    arguments = (
        "--base-url=http://example.org/oai",
        "--set=cs",
        "--from=2024-05-01",
        "--category=cs.CL",
        "--interval=0",
    )
    out, error = run(*arguments, transport=httpx.MockTransport(answer))
    assert out == "2024-05-28 cs.CL: 1 listed, 0 held, missing: arxiv:2405.00001\n"
    assert error is not None
    assert asked == [{"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "cs", "from": "2024-05-01"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name either a listing's file or a repository with --base-url."),
        (("x", "--base-url=http://example.org"), "Name either a listing's file or a repository with --base-url."),
        (("missing.txt",), "missing.txt: No such file or directory"),
        (("x", "--from=soon"), "argument --from: 'soon' is not a date such as 2024-05-31"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], message: str) -> None:
    _, error = run(*arguments)
    assert error is not None
    assert message in str(error)


def test_an_unreadable_listing_says_why(tmp_path: Path) -> None:
    listing = tmp_path / "ids.txt"
    listing.write_text("attention is all you need\n")
    _, error = run(str(listing))
    assert error is not None
    assert "ids.txt, line 1: 'attention is all you need' is not the id of a paper." in str(error)
