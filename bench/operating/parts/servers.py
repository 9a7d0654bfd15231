"""Real servers on loopback, each in a folder and on a port of its own: PostgreSQL, Redis, nginx, and one for mail."""

from __future__ import annotations

import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PORTS = range(15_000, 32_000)
POSTGRES_USER = "postgres"  # PostgreSQL refuses to run as root


class ServerMissing(LookupError):
    """A program is not installed; ``tools/install_servers.sh`` installs them all."""


def free_port() -> int:
    """A port that nothing uses, below those that the system gives to outgoing connections in the meantime."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise ServerMissing("a free port")


class Server:
    """A process that listens on a port."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.command, self.port, self.log = command, port, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout_s: float = 300.0) -> None:
        """Start it and wait until it listens. Raises RuntimeError with its log if it ends, or not in time."""
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        end = time.monotonic() + timeout_s
        while self.process.poll() is None and time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self.command[0]}: {self.log.read_text(encoding='utf-8', errors='replace')[-2_000:]}")

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(60)
        self.process = None


def redis(folder: Path) -> Server:
    """Redis with Debian's persistence: snapshots only, so that a killed one loses what it was told last."""
    folder.mkdir(parents=True)
    port = free_port()
    command = [_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return Server(command, port, folder / "log")


def mail_server(folder: Path) -> Server:
    """aiosmtpd, which stores every mail in the Maildir ``folder/mails``."""
    folder.mkdir(parents=True)
    port = free_port()
    handler = ("-c", "aiosmtpd.handlers.Mailbox", str(folder / "mails"))
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *handler]
    return Server(command, port, folder / "log")


def nginx(folder: Path, configuration: Path, port: int) -> Server:
    """nginx with a configuration of servers and upstreams, as in ``sites-enabled``."""
    (folder / "tmp").mkdir(parents=True)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/tmp/{kind};" for kind in kinds)
    user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; {user} worker_processes 1;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; {paths}\ninclude {configuration};\n}}\n",
        encoding="utf-8",
    )
    command = [_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return Server(command, port, folder / "log")


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate of our own for ``name`` and 127.0.0.1, and its key beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate = folder / f"{name}.pem"
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}")
    names = ("-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1")
    files = ("-keyout", str(folder / f"{name}.key"), "-out", str(certificate))
    subprocess.run([*make, *names, *files], check=True, capture_output=True)
    return certificate


class Postgres:
    """A PostgreSQL server with a role ``postgres`` that everyone on this machine may use."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._programs = _postgres_programs()
        folder.mkdir(parents=True)
        self._options = f"-p {self.port} -k {folder} -c listen_addresses=127.0.0.1 -c shared_buffers=64MB"
        if getpass.getuser() == "root":
            shutil.chown(folder, POSTGRES_USER)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def environment(self) -> dict[str, str]:
        """What clients read instead of Debian's defaults."""
        programs = f"{self._programs}{os.pathsep}{os.environ['PATH']}"
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PATH": programs}

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", self._options, "start")

    def restart(self) -> None:
        """As ``systemctl restart postgresql``: running statements are ended."""
        self._run("pg_ctl", "-w", "-m", "fast", "-l", str(self.folder / "log"), "-o", self._options, "restart")

    def kill(self) -> None:
        """SIGKILL to the main process; the others end by themselves."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *options: str) -> None:
        prefix = ["runuser", "-u", POSTGRES_USER, "--"] if getpass.getuser() == "root" else []
        command = [*prefix, str(self._programs / program), "-D", str(self.folder / "data"), *options]
        # Not a pipe: the server that pg_ctl starts would keep it open.
        with (self.folder.parent / f"{self.folder.name}.{program}.log").open("w+b") as log:
            ended = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
            log.seek(0)
            if ended.returncode:
                raise RuntimeError(log.read().decode("utf-8", "replace"))


def _postgres_programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    program = shutil.which("initdb")
    if not versions and program is None:
        raise ServerMissing("PostgreSQL")
    return versions[-1] if versions else Path(str(program)).parent


def _program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        raise ServerMissing(name)
    return path
