from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from coolpapers.management.commands import doctor
from coolpapers.management.diagnosis import BROKEN, OK, WARNING, Finding

WELL = Finding("index", OK, "Up to date.")
OLD = Finding("vectors", WARNING, "3 papers changed since.", "manage.py embed_papers")
ILL = Finding("database", BROKEN, "2 migrations are not applied.", "manage.py migrate")


def ask(*arguments: str) -> str:
    out = StringIO()
    call_command("doctor", *arguments, stdout=out)
    return out.getvalue()


def test_lines_name_parts_and_cures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda: [WELL, OLD])
    said = ask()
    assert "ok       index          Up to date." in said
    assert "→ manage.py embed_papers" in said


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda: [WELL, OLD])
    answer = json.loads(ask("--json"))
    assert answer["ok"] is True
    assert answer["parts"][1] == {
        "part": "vectors",
        "state": "warning",
        "message": "3 papers changed since.",
        "cure": "manage.py embed_papers",
    }


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_broken_part_fails_the_command(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda: [WELL, ILL])
    with pytest.raises(CommandError, match="Broken: database") as caught:
        ask(*arguments)
    assert caught.value.returncode == 1


def test_it_waits_until_nothing_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter([[ILL], [ILL], [WELL, OLD]])
    monkeypatch.setattr(doctor, "diagnose", lambda: next(states))
    monkeypatch.setattr(doctor, "RETRY_S", 0.0)
    assert "broken" not in ask("--wait", "60")
    assert next(states, None) is None


def test_it_waits_no_longer_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda: [ILL])
    monkeypatch.setattr(doctor, "RETRY_S", 0.0)
    with pytest.raises(CommandError, match="Broken: database"):
        ask("--wait", "0.01")
