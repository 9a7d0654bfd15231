from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from coolpapers.reading.models import Summary
from tests.coolpapers.reading.made import make_paper

pytestmark = pytest.mark.django_db


def write(path: Path, *rows: object) -> Path:
    content = b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def run(*args: object) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_summaries", *map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", ["s.jsonl", "s.jsonl.gz"])
def test_a_file_is_imported_compressed_or_not_and_twice_is_once(tmp_path: Path, name: str) -> None:
    path = write(
        tmp_path / name, {"id": make_paper().key, "markdown": "x"}, {"id": "arxiv:2501.00001", "markdown": "y"}
    )
    assert "1 added, 0 changed, 0 unchanged" in run(path)[0]
    outcome = "0 added, 0 changed, 1 unchanged, 0 passed over for another summary, 1 of papers not in the library"
    assert outcome in run(path)[0]


def test_refused_records_are_named_and_the_command_fails_after_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", b"{broken", {"id": make_paper().key, "markdown": "x"})
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 records were refused") as caught:
        call_command("import_summaries", str(path), stdout=io.StringIO(), stderr=err)
    assert caught.value.returncode == 1
    assert f"{path}, line 1: not JSON" in err.getvalue()
    assert Summary.objects.count() == 1


def test_a_file_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    rows = [{"id": make_paper().key, "markdown": "x" * 5000 + str(n)} for n in range(50)]
    path = write(tmp_path / "s.jsonl.gz", *rows)
    path.write_bytes(path.read_bytes()[:-300])
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_summaries", str(path), stdout=io.StringIO(), stderr=err)
    assert "ends too early" in err.getvalue()
    assert Summary.objects.exists()


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    line = orjson.dumps({"id": make_paper().key, "markdown": "x"})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
    assert "1 added" in run("-")[0]


def test_limit_and_dry_run(tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", *[{"id": make_paper().key, "markdown": "x"} for _ in range(3)])
    assert "2 added" in run(path, "--limit=2", "--dry-run")[0]
    assert not Summary.objects.exists()
    assert "2 added" in run(path, "--limit=2")[0]


def test_a_missing_file_is_the_users_mistake() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.jsonl cannot be read: No such file"):
        run("nowhere.jsonl")
