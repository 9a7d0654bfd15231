"""The command against a real mail server of this machine, which also behaves badly."""

from __future__ import annotations

import email
import email.policy
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.papers.models import Paper
from coolpapers.people.models import AlertState, OpenMail, SentPaper
from search.engines.registry import search_backend
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.alerts.alerting import make_reader

pytestmark = pytest.mark.django_db


@dataclass
class MailServer:
    """``manners`` say, by recipient, how a mail to it is met; others are taken."""

    manners: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, Any]] = field(default_factory=list)  # recipient and message
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)


class _Conversation(socketserver.StreamRequestHandler):
    """SMTP as far as a client that sends one mail needs it (RFC 5321)."""

    state: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 test")
        recipient = ""
        while line := self.rfile.readline():
            verb = line.decode().strip()
            if verb.upper().startswith("RCPT TO:"):
                recipient = verb[8:].strip("<> ")
                refused = self.state.manners.get(recipient) == "refuse"
                self.say("550 no such user" if refused else "250 ok")
            elif verb.upper() == "DATA":
                if not self._take(recipient):
                    return
            elif verb.upper() == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 test")

    def _take(self, recipient: str) -> bool:
        manner = self.state.manners.get(recipient, "")
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        if manner == "full":
            self.say("452 mailbox full")
            return True
        self.state.taken.append((recipient, message))
        if manner == "hang up":  # it has the mail, and never says so
            return False
        if manner == "stall":
            self.state.released.wait(60)
            return False
        self.say("250 taken")
        return True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    state = MailServer()
    handler = type("Handler", (_Conversation,), {"state": state})

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            return  # a client that was killed is part of the tests

    with Server(("127.0.0.1", 0), handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield state
        state.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server() as state:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", state.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 5
        yield state


def come_in_now(title: str) -> Paper:
    paper = make_paper(title=title)
    Paper.objects.filter(pk=paper.pk).update(created_at=timezone.now())
    rebuild_index(search_backend())
    return paper


def run_command(*arguments: str) -> str:
    out, err = StringIO(), StringIO()
    try:
        call_command("send_digests", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return f"{out.getvalue()}{err.getvalue()}{error}"
    return out.getvalue()


@pytest.mark.usefixtures("own_index")
def test_mails_are_sent_complete(server: MailServer) -> None:
    reader = make_reader("graphs")
    come_in_now("Graphs über $x<y$ 中文")
    assert run_command("--dry-run").startswith(f"would send {reader.username} <{reader.email}>: 1 papers")
    assert server.taken == []
    assert run_command().startswith("1 mails with 1 papers, 0 readers without news")
    ((recipient, message),) = server.taken
    assert recipient == reader.email
    assert message["Subject"] == "1 new paper: graphs"
    text = message.get_body(("plain",)).get_content()
    assert "Graphs über $x<y$ 中文" in text
    assert "x&lt;y" in message.get_body(("html",)).get_content()
    assert run_command().startswith("0 mails with 0 papers, 1 readers without news")


@pytest.mark.usefixtures("own_index")
def test_a_failing_server_affects_only_its_readers(server: MailServer) -> None:
    manners = {"refused@example.org": "refuse", "full@example.org": "full", "silent@example.org": "hang up"}
    for address in (*manners, "good@example.org"):
        make_reader("graphs", email=address)
    server.manners = dict(manners)
    come_in_now("Graphs")
    told = run_command()
    assert "1 mails with 1 papers" in told
    assert "550" in told
    assert "452" in told
    assert "SMTPServerDisconnected" in told
    assert "3 failed; the next run retries them." in told
    assert SentPaper.objects.count() == 2
    server.manners.clear()
    assert "2 mails with 2 papers" in run_command()
    recipients = [recipient for recipient, _ in server.taken]
    assert recipients.count("silent@example.org") == 1  # taken without an answer, and not sent again
    assert AlertState.objects.exclude(error="").get().user.email == "silent@example.org"


@pytest.mark.usefixtures("own_index")
def test_an_unreachable_server_loses_nothing(settings: Any) -> None:
    with mail_server() as gone:
        pass
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", gone.port, False
    make_reader("graphs")
    come_in_now("Graphs")
    assert "ConnectionRefusedError" in run_command()
    assert not SentPaper.objects.exists()
    assert not OpenMail.objects.exists()


# ---- killed for real -------------------------------------------------------------------------------------


def spawn(server: MailServer, data: Path) -> subprocess.Popen[str]:
    """The command as a process of its own, on a database and an index of its own."""
    environment = {
        **os.environ,
        "COOLPAPERS_DATA_DIR": str(data),
        "COOLPAPERS_EMAIL_HOST": "127.0.0.1",
        "COOLPAPERS_EMAIL_PORT": str(server.port),
        "COOLPAPERS_EMAIL_SECURITY": "none",
        "DJANGO_SETTINGS_MODULE": "coolpapers.settings",
    }
    command = [sys.executable, "manage.py", "send_digests"]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture
def site(tmp_path: Path, settings: Any, own_index: Path) -> Callable[[], Path]:
    """Call it when readers and papers are made: a data folder that holds them."""

    def make() -> Path:
        data = tmp_path / "data"
        (data / "index").mkdir(parents=True)
        settings.SEARCH_BACKENDS = {
            "tantivy": {
                "BACKEND": "search.engines.tantivy.TantivyBackend",
                "OPTIONS": {"path": data / "index" / "tantivy"},
            }
        }
        rebuild_index(search_backend())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(data / "db.sqlite3")])
        return data

    return make


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the test database as a file")
def test_the_next_run_continues_a_run_killed_during_a_mail(site: Callable[[], Path]) -> None:
    for number in range(3):
        make_reader("graphs", email=f"reader{number}@example.org")
    paper = make_paper(title="Graphs")
    Paper.objects.filter(pk=paper.pk).update(created_at=timezone.now())
    data = site()
    with mail_server() as server:
        server.manners = {"reader1@example.org": "stall"}
        run = spawn(server, data)
        deadline = threading.Event()
        for _ in range(600):
            if len(server.taken) == 2:
                break
            deadline.wait(0.1)
        assert [recipient for recipient, _ in server.taken] == ["reader0@example.org", "reader1@example.org"]
        run.send_signal(signal.SIGKILL)
        run.communicate()
        server.manners.clear()
        for expected in ("1 mails with 1 papers", "0 mails with 0 papers"):
            output, _ = spawn(server, data).communicate(timeout=120)
            assert expected in output
            assert ("1 mails of a killed run may have arrived" in output) is expected.startswith("1")
        idents: dict[str, list[str]] = {}
        for recipient, message in server.taken:
            idents.setdefault(recipient, []).append(message["Message-ID"])
    # Acknowledged, in hand when the run was killed, and not begun: each once.
    assert [len(ids) for _, ids in sorted(idents.items())] == [1, 1, 1]
