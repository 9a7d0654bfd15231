"""Arguments of the command; tests/coolpapers/test_asgi.py starts it."""

from __future__ import annotations

import os

import pytest
from django.core.management import CommandError, call_command

from coolpapers.base.gateway import MAIN_PROCESS

environments: list[dict[str, str]] = []


class _Started(Exception):
    """The process would have become the server."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []
    environments.clear()

    def become(_program: str, command: list[str], environment: dict[str, str]) -> None:
        commands.append(command)
        environments.append(environment)
        raise _Started

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr("coolpapers.operating.management.commands.serve.allow_many_connections", lambda: None)
    monkeypatch.setenv("COOLPAPERS_WEB_THREADS", "4")
    return commands


@pytest.mark.parametrize(
    ("bind", "place"),
    [
        ("127.0.0.1:8000", ["--host", "127.0.0.1", "--port", "8000"]),
        ("[::1]:80", ["--host", "::1", "--port", "80"]),
        ("unix:/run/cp.sock", ["--uds", "/run/cp.sock"]),
    ],
)
def test_the_place_is_read(started: list[list[str]], bind: str, place: list[str]) -> None:
    with pytest.raises(_Started):
        call_command("serve", bind=bind, workers=2, threads=7)
    (command,) = started
    assert place[-1] in command
    assert command[command.index(place[0]) + 1] == place[1]
    assert command[command.index("--workers") + 1] == "2"
    (environment,) = environments
    assert environment["COOLPAPERS_WEB_THREADS"] == "7"
    assert environment[MAIN_PROCESS] == str(os.getpid())
    assert MAIN_PROCESS not in os.environ  # other servers started from here have another main process


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"bind": "8000"}, "neither HOST:PORT"), ({"bind": "a:b"}, "neither HOST:PORT"), ({"workers": 0}, "1 or more")],
)
def test_a_wrong_value_is_named(started: list[list[str]], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("serve", **options)
    assert started == []
