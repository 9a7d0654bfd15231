"""Is a mail sent twice, or never, when digests are killed at random moments?

    python -m bench.site.bench_digest_kills [--kills N] [--readers N] [--seed N]

Readers follow a search that finds every paper. Before each run one paper arrives. A process sends the digests to a real
SMTP server in another process, and is killed with SIGKILL at a random moment; the server answers a mail only after a
while, so that some kills come between the acceptance of a mail and its answer. Then a run that is not killed sends the
rest. Prints JSON:

``twice``     pairs of reader and paper that arrived in two mails
``lost``      pairs that arrived in none
``in_doubt``  mails of which a killed run does not know whether they arrived: they are not sent again
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import socket
import socketserver
import time
from collections import Counter
from pathlib import Path

_probe = socket.socket()
_probe.bind(("127.0.0.1", 0))
PORT = _probe.getsockname()[1]
_probe.close()
os.environ |= {
    "COOLPAPERS_EMAIL_HOST": "127.0.0.1",
    "COOLPAPERS_EMAIL_PORT": str(PORT),
    "COOLPAPERS_EMAIL_SECURITY": "none",
}

from bench.search.bench_kill import FOLDER, add_papers, in_child, kill_often, start_child  # noqa: E402 # also sets up Django in a folder

ANSWER_S = 0.03  # the longest time until the server answers a mail that it has accepted

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from coolpapers.finding.indexing.index import update_index  # noqa: E402
from coolpapers.people.alerts.sending import send_digests  # noqa: E402
from coolpapers.people.models.kinds import Kind  # noqa: E402
from coolpapers.people.state.sync import sync_items  # noqa: E402
from coolpapers.people.state.writes import Write  # noqa: E402
from search.engines.registry import search_backend  # noqa: E402

MAILS = Path(FOLDER.name) / "mails.jsonl"  # a line per mail: the reader, and its papers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=64, help="(default: %(default)s)")
    parser.add_argument("--readers", type=int, default=8, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    call_command("migrate", verbosity=0)
    in_child(lambda: _make_readers(options.readers))
    server = start_child(_serve_mail)
    try:
        counts = kill_often(_send, _send_the_rest, _add_paper, kills=options.kills, rng=rng)
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
    print(json.dumps({"bench": "digest_kills", **counts, **_compare(options.readers)}, indent=1))


def _send() -> int:
    return send_digests(clock=timezone.now).n_in_doubt


def _send_the_rest() -> dict[str, int]:
    time.sleep(2 * ANSWER_S)  # the server finishes what it had accepted
    return {"in_doubt": _send()}


def _add_paper(rng: random.Random) -> None:
    seed = rng.random()

    def add() -> None:
        add_papers(random.Random(seed), 1)
        update_index(search_backend())

    in_child(add)


def _make_readers(n_readers: int) -> None:
    now = int(time.time() * 1000)
    for number in range(n_readers):
        user = User.objects.create_user(f"reader{number}", f"reader{number}@example.org")
        search = {"query": "things", "name": "Things", "mail": True}
        sync_items(user, [Write(Kind.SEARCH, "things", now, search)], cursor=0)


def _compare(n_readers: int) -> dict[str, int]:
    """Pairs of reader and paper that arrived twice or never; the papers are those that anybody has received."""
    lines = MAILS.read_text(encoding="utf-8").splitlines()
    mails = [json.loads(line) for line in lines]
    arrived = Counter((mail["reader"], paper) for mail in mails for paper in set(mail["papers"]))
    papers = {paper for _reader, paper in arrived}
    return {
        "mails": len(mails),
        "papers": len(papers),
        "twice": sum(number > 1 for number in arrived.values()),
        "lost": n_readers * len(papers) - len(arrived),
    }


# ---- the mail server ---------------------------------------------------------------------------------


def _serve_mail() -> None:
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", PORT), _Conversation) as server:
        server.serve_forever()


class _Conversation(socketserver.StreamRequestHandler):
    """What smtplib needs of SMTP (RFC 5321). A mail is recorded before it is answered, as a real server queues it."""

    def handle(self) -> None:
        self._reply("220 bench")
        reader = ""
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                reader = line.partition("<")[2].partition("@")[0]
            if verb == "DATA":
                self._reply("354 go on")
                self._take(reader)
            else:
                self._reply("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _take(self, reader: str) -> None:
        lines = []
        while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
            if not line:
                return  # the sender was killed before the end of the mail
            lines.append(line)
        text = b"".join(lines).replace(b"=\r\n", b"").decode("utf-8", "replace")
        papers = sorted(set(re.findall(r"unique[0-9a-f]{15}", text)))
        with MAILS.open("a", encoding="utf-8") as mails:
            mails.write(json.dumps({"reader": reader, "papers": papers}) + "\n")
        time.sleep(random.uniform(0, ANSWER_S))
        self._reply("250 queued")

    def _reply(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


if __name__ == "__main__":
    main()
