"""Real servers of this machine, each in a folder and on a port of its own: PostgreSQL and Redis from the system."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.own_library import free_port

SYSTEM_USER = "postgres"  # PostgreSQL refuses to run as root


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of an empty PostgreSQL server: ``postgresql://postgres@127.0.0.1:PORT``. It stores nothing for long.

    Skips the test where PostgreSQL is not installed; ``tools/install_servers.sh`` installs it.
    """
    folder = Path(tempfile.mkdtemp(prefix="coolpapers-postgres-"))
    programs = _postgres_programs()
    port = free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=32MB"
    if getpass.getuser() == "root":
        shutil.chown(folder, SYSTEM_USER)
    data = str(folder / "data")
    try:
        _as_user(
            str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
        )
        log = str(folder / "log")
        _as_user(str(programs / "pg_ctl"), "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            _as_user(str(programs / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_postgres_database(server: str, name: str) -> dict[str, str]:
    """Create an empty database; return the settings of a site that uses it."""
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return {
        "COOLPAPERS_POSTGRES_DB": name,
        "COOLPAPERS_POSTGRES_HOST": "127.0.0.1",
        "COOLPAPERS_POSTGRES_PORT": server.rpartition(":")[2],
        "COOLPAPERS_POSTGRES_USER": "postgres",
    }


def _postgres_programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which("initdb")
    if not versions and found is None:
        pytest.skip("PostgreSQL is not installed")
    return versions[-1] if versions else Path(str(found)).parent


def _as_user(*command: str) -> None:
    """Run a program of PostgreSQL, as its own user where we are root."""
    prefix = ["runuser", "-u", SYSTEM_USER, "--"] if getpass.getuser() == "root" else []
    ended = subprocess.run([*prefix, *command], cwd="/", capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A Redis on loopback: ``url`` without a database's number."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def redis_server(port: int = 0) -> Iterator[RedisServer]:
    """An empty Redis that stores nothing on disk. Skips the test where Redis is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    port = port or free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port)
        yield RedisServer(process, port)
    finally:
        process.kill()
        process.wait()


def _wait_for_port(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing listens on port {port}")
