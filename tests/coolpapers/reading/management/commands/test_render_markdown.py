"""The command: files and standard input, JSON Lines, bad lines."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


class Input:
    """Standard input of these bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def run(monkeypatch: pytest.MonkeyPatch, content: bytes, *arguments: str) -> tuple[str, str, CommandError | None]:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdin", Input(content))
    try:
        call_command("render_markdown", *arguments, stdout=out, stderr=err)
    except CommandError as exc:
        return out.getvalue(), err.getvalue(), exc
    return out.getvalue(), err.getvalue(), None


@pytest.mark.parametrize(
    ("kind", "text", "html"),
    [
        ("summary", "*a* $x$", "<p><em>a</em> <span"),
        ("abstract", "*a* \\emph{b}", "*a* <em>b</em>"),
        ("title", "\\url{https://a.b}", "https://a.b"),
        ("partial", "a $x", "<p>a </p>"),
    ],
)
def test_it_renders_standard_input(monkeypatch: pytest.MonkeyPatch, kind: str, text: str, html: str) -> None:
    out, err, failure = run(monkeypatch, text.encode(), "--kind", kind)
    assert out.startswith(html)
    assert (err, failure) == ("", None)


def test_it_renders_files_one_after_the_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# a", encoding="utf-8")
    (tmp_path / "b.md").write_text("中 $x$", encoding="utf-8")
    out, _, _ = run(monkeypatch, b"c", str(tmp_path / "a.md"), "-", str(tmp_path / "b.md"))
    assert out.startswith("<h1>a</h1>\n<p>c</p>\n<p>中 <span")


def test_json_lines_give_html_and_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"id": "a", "markdown": "a $x<y$ and $$z$$"}, {"id": 2, "markdown": ""}, {"markdown": "b", "more": 1}]
    out, _, failure = run(monkeypatch, "\n".join(map(json.dumps, lines)).encode(), "--jsonl")
    records = [json.loads(line) for line in out.splitlines()]
    assert failure is None
    assert [record["id"] for record in records] == ["a", 2, None]
    assert records[0]["math"] == [{"tex": "x<y", "display": False}, {"tex": "z", "display": True}]
    assert records[0]["html"].startswith("<p>a <span")
    assert records[1] == {"id": 2, "html": "", "math": []}


def test_a_bad_line_is_reported_by_number_and_the_rest_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    good = b'{"id": 1, "markdown": "a"}'
    bad = [b"no json", b"[1]", b'{"id": 2}', b'{"markdown": 3}', b"\xff", b"[" * 100_000]
    out, err, failure = run(monkeypatch, b"\n".join([good, b"", *bad, good]), "--jsonl")
    assert len(out.splitlines()) == 2
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"standard input:{n}" for n in range(3, 9)]
    assert "not JSON" in err
    assert '"markdown" is missing' in err
    assert '"markdown" is not a string' in err
    assert "not UTF-8" in err
    assert failure is not None
    assert failure.returncode == 1
    assert "6 lines" in str(failure)


def test_lone_surrogates_do_not_break_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    out, _, failure = run(monkeypatch, b'{"id": "\\ud800", "markdown": "a \\ud800"}', "--jsonl")
    assert failure is None
    assert json.loads(out)["html"] == "<p>a \ufffd</p>\n"
    assert out.isascii()


@pytest.mark.parametrize("name", ["missing.md", "."])
def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    _, _, failure = run(monkeypatch, b"", str(tmp_path / name))
    assert failure is not None
    assert name.strip(".") in str(failure)


def test_a_text_that_is_not_utf8_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, failure = run(monkeypatch, b"a\xffb")
    assert failure is not None
    assert "not UTF-8 (byte 1)" in str(failure)
