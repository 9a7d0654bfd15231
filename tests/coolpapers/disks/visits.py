"""Visits every address of a site in a process of its own, and prints the answers as JSON: :func:`main`.

``make`` fills the data folder, ``read`` sends every kind of request that only reads, as a visitor and as a reader with
an account, and ``write`` every kind that stores something.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from coolpapers.api.models import make_token
from coolpapers.papers.models import PaperSource
from coolpapers.papers.names.permalinks import paper_name
from coolpapers.people.models import SharedCollection
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.subscriptions import unsubscribe_address
from coolpapers.people.state.sync import sync_items
from coolpapers.people.state.writes import Write
from tests.coolpapers.disks.addresses import COLLECTION, KEY, NAME, PASSWORD, POSTED, SEARCH, WRITING, reading_addresses
from tests.pdf_files import make_paper_pdf

NOTES = "visits.json"  # in the data folder: what addresses contain that is random
# Tokens of forms, times of searches, and how long ago something was.
_CHANGING = re.compile(r'csrf\w*"?[^>]*value="\w+"|data-csrf="\w+"|[\d.]+ (?:ms|s)\b|<time[^>]*>[^<]*</time>')


def make() -> None:
    """A library of ten papers with everything that a page can show."""
    folder = settings.DATA_DIR
    call_command("migrate", verbosity=0)
    incoming = folder / "incoming"
    incoming.mkdir()
    records = [
        {
            "id": f"arxiv:2601.{number:05}",
            "title": f"Graphs and networks, part {number}",
            "abstract": f"We study graphs with {number} nodes. The result is a theorem. It holds for all trees.",
            "authors": ["Ada Lovelace", "Paul Erdős"],
            "categories": ["cs.CL"],
            "date": f"2026-01-{number:02}",
            "year": 2026,
            **({"venue": "ACL 2026"} if number > 5 else {}),
        }
        for number in range(1, 11)
    ]
    (incoming / "papers.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    call_command("import_papers", str(incoming / "papers.jsonl"), verbosity=0)
    (incoming / "pdf").mkdir()
    (incoming / "pdf" / "shapes.pdf").write_bytes(make_paper_pdf())
    call_command("import_papers", str(incoming / "pdf"), verbosity=0)
    call_command("update_index", verbosity=0)
    call_command("embed_papers", verbosity=0)
    call_command("write_summaries", KEY, verbosity=0)
    user = User.objects.create_user(NAME, "ada@example.org", PASSWORD)
    _token, text = make_token(user=user, name="t", scope="library")
    writes = [
        Write(Kind.STAR, KEY, 1, {}),
        Write(Kind.COLLECTION, COLLECTION, 2, {"name": "Graphs"}),
        Write(Kind.MEMBER, f"{COLLECTION}/{KEY}", 3, {}),
        Write(Kind.SEARCH, SEARCH, 4, {"query": "graphs", "name": "Graphs", "mail": True, "opened": 1}),
    ]
    sync_items(user, writes, cursor=0)
    share = SharedCollection.objects.create(user=user, collection=COLLECTION)
    client = Client()
    client.force_login(user)
    own = _paper_with_pdf()
    notes = {
        "shared": share.token,
        "stop": unsubscribe_address(user).rpartition("/")[2],
        "own": own,
        "token": text,
        "session": client.cookies[settings.SESSION_COOKIE_NAME].value,
    }
    (folder / NOTES).write_text(json.dumps(notes), encoding="utf-8")


def _paper_with_pdf() -> str:
    return paper_name(PaperSource.objects.get(source="file").paper)


def read() -> list[dict[str, Any]]:
    """The answer to each request that only reads: status, and the text of the page without what changes by itself."""
    notes, answers = _notes(), []
    for who, client in (("visitor", _client()), ("reader", _client(notes["session"]))):
        for address in reading_addresses():
            filled = address.format(**notes)
            answers.append(_answer(f"{who} {filled}", client.get(filled)))
        answers += [_answer(f"{who} POST {request[0]}", _post(client, request, notes)) for request in POSTED.values()]
    return answers


def write() -> list[dict[str, Any]]:
    """The answer to each request that stores something."""
    notes = _notes()
    answers = []
    for name, request in WRITING.items():
        client = _client("" if name in ("sign_in", "sign_up") else notes["session"])
        answers.append(_answer(f"write {name}", _post(client, request, notes)))
    tool = {"name": "library", "arguments": {"action": "star", "ids": ["2601.00005"]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": tool}
    answers.append(_answer("write mcp", _post(_client(), ("/mcp", call, True), notes)))
    return answers


def _notes() -> dict[str, str]:
    notes: dict[str, str] = json.loads((Path(settings.DATA_DIR) / NOTES).read_text(encoding="utf-8"))
    return notes


def _client(session: str = "") -> Client:
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def _post(client: Client, request: tuple[str, dict[str, Any], bool], notes: dict[str, str]) -> Any:
    address, content, is_json = request
    address = address.format(**notes)
    if not is_json:
        fields = {name: _file(value) if name == "file" else value for name, value in content.items()}
        return client.post(address, fields)
    headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {notes['token']}"}
    return client.post(address, json.dumps(content), content_type="application/json", headers=headers)


def _file(text: str) -> Any:
    return SimpleUploadedFile("items.json", text.encode())


def _answer(name: str, response: Any) -> dict[str, Any]:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    if "text/html" not in response.headers.get("Content-Type", "text/html"):
        text = text if len(text) < 2_000 else ""
    return {
        "name": name,
        "status": response.status_code,
        "text": _CHANGING.sub("", text),
        "retry_after": response.headers.get("Retry-After", ""),
    }


def main(what: str) -> None:
    """Do ``make``, ``read``, ``write`` or ``both`` of these, and print the answers."""
    if what == "make":
        make()
    answers = [*(read() if what in ("read", "both") else ()), *(write() if what in ("write", "both") else ())]
    sys.stdout.write(f"\n{json.dumps(answers)}\n")
