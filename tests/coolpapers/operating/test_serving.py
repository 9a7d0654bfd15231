from __future__ import annotations

import resource

import pytest

from coolpapers.api.json.schemas import MAX_TEXT_CHARS
from coolpapers.operating.serving import (
    HEADER_BYTES,
    MAX_CONNECTIONS,
    ServerOptions,
    allow_many_connections,
    server_command,
)


def test_the_command_names_place_and_processes() -> None:
    command = " ".join(server_command(ServerOptions(host="0.0.0.0", port=80, n_workers=3)))
    assert "--host 0.0.0.0 --port 80 --workers 3" in command
    assert command.endswith("coolpapers.asgi:application")
    socket = server_command(ServerOptions(socket="/run/coolpapers.sock"))
    assert socket[socket.index("--uds") + 1] == "/run/coolpapers.sock"
    assert "--port" not in socket


def test_an_address_as_long_as_the_api_allows_fits_into_a_header() -> None:
    assert HEADER_BYTES > 2 * MAX_TEXT_CHARS


@pytest.mark.parametrize(("soft", "hard", "expected"), [(1_024, 4_000, 4_000), (1_024, -1, 2 * MAX_CONNECTIONS)])
def test_open_files_are_allowed_as_far_as_the_system_does(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, expected: int
) -> None:
    limits = (soft, resource.RLIM_INFINITY if hard < 0 else hard)
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits)
    chosen: list[tuple[int, int]] = []
    allow_many_connections(lambda _kind, pair: chosen.append(pair))
    assert chosen == [(expected, limits[1])]
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (100_000, 100_000))
    allow_many_connections(lambda _kind, pair: chosen.append(pair))
    assert len(chosen) == 1
