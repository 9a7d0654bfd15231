"""A small OAI-PMH 2.0 repository of papers in arXiv's format: dates, resumption, paging."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

PAGE = 100
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
Paper = dict[str, Any]


@contextmanager
def oai_server(papers: Sequence[Paper], *, day: str) -> Iterator[str]:
    """The base address of a repository whose records all changed on ``day``.

    ``papers`` have ``arxiv_id``, ``title``, ``abstract``, ``authors`` and ``categories``.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parameters = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = answer(papers, parameters, day=day).encode("utf-8")
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oai"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(papers: Sequence[Paper], parameters: dict[str, str], *, day: str) -> str:
    """The document that answers a request of ``ListRecords``."""
    head = f"{_HEAD}<responseDate>{day}T12:00:00Z</responseDate><request/>"
    if parameters.get("verb") != "ListRecords":
        return f'{head}<error code="badVerb">Only ListRecords.</error></OAI-PMH>'
    token = parameters.get("resumptionToken", "0")
    if not token.isdigit() or int(token) > len(papers):
        return f'{head}<error code="badResumptionToken">No such token.</error></OAI-PMH>'
    if not parameters.get("from", "") <= day <= parameters.get("until", "9"):
        return f'{head}<error code="noRecordsMatch">None.</error></OAI-PMH>'
    start = int(token)
    records = "".join(_record(paper, day) for paper in papers[start : start + PAGE])
    following = str(start + PAGE) if start + PAGE < len(papers) else ""
    attributes = f'cursor="{start}" completeListSize="{len(papers)}"'
    resumption = f"<resumptionToken {attributes}>{following}</resumptionToken>"
    return f"{head}<ListRecords>{records}{resumption}</ListRecords></OAI-PMH>"


def _record(paper: Paper, day: str) -> str:
    ident = paper["arxiv_id"]
    authors = "".join(_author(name) for name in paper.get("authors") or [])
    return (
        f"<record><header><identifier>oai:arXiv.org:{ident}</identifier><datestamp>{day}</datestamp>"
        f"<setSpec>cs</setSpec></header><metadata><arXiv xmlns='http://arxiv.org/OAI/arXiv/'><id>{ident}</id>"
        f"<created>{day}</created><authors>{authors}</authors><title>{escape(paper['title'])}</title>"
        f"<categories>{' '.join(paper.get('categories') or ['cs.CL'])}</categories>"
        f"<abstract>{escape(paper['abstract'])}</abstract></arXiv></metadata></record>"
    )


def _author(name: str) -> str:
    first, _, last = name.rpartition(" ")
    forenames = f"<forenames>{escape(first)}</forenames>" if first else ""
    return f"<author><keyname>{escape(last)}</keyname>{forenames}</author>"
