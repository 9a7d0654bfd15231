from __future__ import annotations

import gzip
import io
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.models import Paper
from tests.coolpapers.papers.make import jsonl, row, write_jsonl

pytestmark = pytest.mark.django_db


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BufferedReader(io.BytesIO(data))


def run(*arguments: Any, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_papers", *map(str, arguments), stdout=out, stderr=err, no_color=True, **options)
    return out.getvalue(), err.getvalue()


def test_it_reports_what_became_of_the_records(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl.gz", [row(), row()])
    out, err = run(path)
    assert out.startswith(f"{path}: 2 added, 0 changed, 0 unchanged, 0 refused in ")
    assert err == ""


def test_refusals_are_named_and_the_exit_status_is_1(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(), row(title="")])
    err = io.StringIO()
    with pytest.raises(CommandError, match=r"1 records were refused; the others are in the library\.") as caught:
        call_command("import_papers", str(path), stdout=io.StringIO(), stderr=err, no_color=True)
    assert caught.value.returncode == 1
    assert err.getvalue() == "refused: p.jsonl, line 2: title: missing or empty\n"
    assert Paper.objects.count() == 1


def test_dropped_fields_are_named_and_are_no_failure(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(id=f"own:{n}", year=20245) for n in range(23)])
    out, err = run(path)
    assert out.startswith(f"{path}: 23 added, 0 changed, 0 unchanged, 0 refused, 23 fields dropped in ")
    lines = err.splitlines()
    assert lines[0] == "dropped: p.jsonl, line 1: year: 20245 is not between 1600 and 2100 (dropped from own:0)"
    assert (len(lines), lines[-1]) == (21, "dropped: 3 more fields; the admin lists them.")


def test_a_file_in_which_nothing_is_recognised_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.bib"
    path.write_bytes(b"")
    with pytest.raises(CommandError, match="nothing in it was recognised as bibtex") as caught:
        run(path)
    assert caught.value.returncode == 1


def test_a_refusal_in_one_file_does_not_stop_the_next(tmp_path: Path) -> None:
    bad = write_jsonl(tmp_path / "bad.jsonl", [row(title="")])
    good = write_jsonl(tmp_path / "good.jsonl", [row()])
    with pytest.raises(CommandError):
        run(bad, good)
    assert Paper.objects.count() == 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(pack(jsonl([row(), row()]))))
    out, _ = run("-")
    assert out.startswith("-: 2 added")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jsonl", None, "missing.jsonl: No such file or directory"),
        ("diary.txt", b"dear diary", "no source recognises this file; name its form with --source"),
        ("bad.xml", b"<OAI-PMH><record>", "not well-formed XML"),
        ("cut.gz", gzip.compress(b"{" * 5000)[:30], "the gzip file ends too early"),
    ],
    ids=["missing", "unknown form", "broken XML", "cut gzip"],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    options = {"source": "jsonl"} if name == "cut.gz" else {}
    with pytest.raises(CommandError) as caught:
        run(path, **options)
    assert message in str(caught.value)
    assert caught.value.returncode == 1


def test_dry_run_and_limit(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row() for _ in range(5)])
    out, _ = run(path, dry_run=True, limit=3)
    assert "3 added" in out
    assert out.endswith("; nothing was saved (dry run)\n")
    assert not Paper.objects.exists()


def test_sigterm_stops_after_a_batch_and_the_next_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row() for _ in range(2500)])
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(
        "coolpapers.base.progress.ProgressLine.show", lambda *_a, **_k: signal.raise_signal(signal.SIGTERM)
    )
    with pytest.raises(CommandError, match="Stopped; run the same command again to go on") as caught:
        run(path)
    monkeypatch.undo()
    assert caught.value.returncode == 143
    assert Paper.objects.count() == 1000
    assert signal.getsignal(signal.SIGTERM) == before
    out, _ = run(path)
    assert "went on after record 1,000" in out
    assert "1,500 added" in out


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'nothing'"):
        run("x", "--source=nothing")
