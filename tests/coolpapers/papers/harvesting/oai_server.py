"""An HTTP server on this machine that behaves as badly as a test says, and OAI-PMH answers for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from coolpapers.papers.harvesting.fetching import Timing


@dataclass(frozen=True)
class Answer:
    """``cut_at``: the connection is dropped after so many bytes of the body."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None


class OaiServer:
    """Gives its answers in order, the last one again and again, and remembers what it was asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.url = ""

    def next_answer(self, query: dict[str, str]) -> Answer:
        self.asked.append(query)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(*answers: Answer) -> Iterator[OaiServer]:
    server = OaiServer(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = server.next_answer(dict(parse_qsl(urlsplit(self.path).query)))
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if answer.cut_at is None else body[: answer.cut_at])

        def log_message(self, *_: object) -> None:
            return None

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}/oai"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s = 0.0

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.slept_s += seconds

    @property
    def timing(self) -> Timing:
        began = datetime(2024, 6, 1, tzinfo=UTC)
        return Timing(
            clock=lambda: self.now_s, sleep=self.sleep, now=lambda: began + timedelta(seconds=self.now_s - 1000)
        )


def record_xml(arxiv_id: str, *, title: str = "", deleted: bool = False, datestamp: str = "2024-05-28") -> str:
    header = header_xml(arxiv_id, datestamp=datestamp, deleted=deleted)
    if deleted:
        return f"<record>{header}</record>"
    return (
        f"<record>{header}<metadata>"
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{arxiv_id}</id><created>2024-05-24</created>'
        "<authors><author><keyname>Example</keyname><forenames>Ada</forenames></author></authors>"
        f"<title>{title or f'Paper {arxiv_id} of the server'}</title><categories>cs.CL</categories>"
        "<abstract>Served.</abstract></arXiv></metadata></record>"
    )


def page_xml(records: Iterable[str], *, token: str | None = None, total: int | None = None) -> str:
    size = f' completeListSize="{total}"' if total is not None else ""
    end = f"<resumptionToken{size}>{token}</resumptionToken>" if token is not None else ""
    return _answer_xml(f"<ListRecords>{''.join(records)}{end}</ListRecords>")


def error_xml(code: str, message: str) -> str:
    return _answer_xml(f'<error code="{code}">{message}</error>')


def headers_xml(headers: Iterable[str], *, token: str | None = None) -> str:
    end = f"<resumptionToken>{token}</resumptionToken>" if token is not None else ""
    return _answer_xml(f"<ListIdentifiers>{''.join(headers)}{end}</ListIdentifiers>")


def header_xml(
    arxiv_id: str, *, datestamp: str = "2024-05-28", sets: Iterable[str] = ("cs:cs:CL",), deleted: bool = False
) -> str:
    specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in sets)
    status = ' status="deleted"' if deleted else ""
    names = f"<identifier>oai:arXiv.org:{arxiv_id}</identifier><datestamp>{datestamp}</datestamp>"
    return f"<header{status}>{names}{specs}</header>"


def _answer_xml(content: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2024-06-01T12:00:00Z</responseDate><request>http://127.0.0.1/oai</request>{content}</OAI-PMH>"
    )
