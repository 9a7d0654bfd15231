"""Fetching PDFs from servers on this machine, well and badly behaved; the guards against everything else."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from coolpapers.reading.errors import FetchError
from coolpapers.reading.pdfs.fetching import PdfFetcher, is_known, is_public
from tests.local_servers import Behaviour, Exchange, serve
from tests.pdf_files import make_paper_pdf

PDF = make_paper_pdf()


def sending(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda exchange: exchange.answer(status, body, **{"Content_Type": "application/pdf", **headers})


def make_fetcher(**options: Any) -> PdfFetcher:
    return PdfFetcher(
        **{"max_bytes": 100_000, "hosts": ["*"], "is_allowed": lambda address: True, "any_port": True, **options}
    )


def fetch(tmp_path: Path, *script: Behaviour, **options: Any) -> bytes:
    target = tmp_path / "out" / "a.pdf"
    with serve(*script) as server:
        try:
            make_fetcher(**options).fetch(f"{server.url}/paper.pdf", target)
        except FetchError:
            assert not target.exists()
            assert not target.parent.exists() or not list(target.parent.iterdir())
            raise
    return target.read_bytes()


def test_a_pdf_arrives_whole(tmp_path: Path) -> None:
    assert fetch(tmp_path, sending(PDF)) == PDF


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    assert fetch(tmp_path, sending(b"", 302, Location="/v2.pdf"), sending(PDF)) == PDF


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (sending(b"", 404), "HTTP 404"),
        (sending(b"<html>", Content_Type="text/html"), "did not send a PDF"),
        (sending(b"<html>pretending</html>"), "did not send a PDF"),
        (sending(PDF + b"x" * 200_000), "larger than"),
        (sending(b"", 302, Location="/again"), "redirects too often"),
        (sending(b"", 302, Location="file:///etc/passwd"), "no valid address"),
        (sending(b"", 302, Location="http://user:pw@example.org/"), "no valid address"),
    ],
)
def test_content_that_is_not_a_pdf_is_not_stored(tmp_path: Path, behaviour: Behaviour, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        fetch(tmp_path, behaviour)


def test_a_body_without_a_length_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.begin("application/pdf")
        while True:
            exchange.send(b"%PDF-1.4" + b"x" * 10_000)

    with pytest.raises(FetchError, match="larger than"):
        fetch(tmp_path, endless)


def test_a_silent_server_times_out(tmp_path: Path) -> None:
    def stall(exchange: Exchange) -> None:
        exchange.begin("application/pdf")
        exchange.send(PDF[:100])
        exchange.stall()

    with pytest.raises(FetchError, match="in time"):
        fetch(tmp_path, stall, read_s=0.2)


def test_an_incomplete_body_is_not_stored(tmp_path: Path) -> None:
    def close_early(exchange: Exchange) -> None:
        exchange.begin("application/pdf", Content_Length=str(len(PDF)))
        exchange.send(PDF[:100])

    with pytest.raises(FetchError, match="connection to the source of the PDF failed"):
        fetch(tmp_path, close_early)


def test_a_slow_transfer_ends_at_the_deadline(tmp_path: Path) -> None:
    def drip(exchange: Exchange) -> None:
        exchange.begin("application/pdf")
        while not exchange.released.wait(0.02):
            exchange.send(b"%PDF-1.4")

    with pytest.raises(FetchError, match="in time"):
        fetch(tmp_path, drip, deadline_s=0.2)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_addresses_of_this_and_other_private_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_only_known_hosts_get_a_request(tmp_path: Path) -> None:
    with serve(sending(PDF)) as server, pytest.raises(FetchError, match="fetches no PDFs from"):
        make_fetcher(hosts=["arxiv.org"]).fetch(server.url, tmp_path / "a.pdf")
    assert server.asked == []


def test_a_redirect_to_an_unknown_host_is_not_followed(tmp_path: Path) -> None:
    with serve(sending(PDF)) as elsewhere:
        moved = sending(b"", 302, Location=elsewhere.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(FetchError, match="fetches no PDFs from localhost"), serve(moved) as server:
            make_fetcher(hosts=["127.0.0.1"]).fetch(server.url.replace("localhost", "127.0.0.1"), tmp_path / "a.pdf")
    assert elsewhere.asked == []


def test_known_hosts_include_those_below_them() -> None:
    assert is_known("export.arxiv.org", ["arxiv.org"])
    assert not is_known("notarxiv.org", ["arxiv.org"])
    assert not is_known("arxiv.org.example", ["arxiv.org"])


def test_addresses_of_the_internet_are_public() -> None:
    assert is_public("151.101.131.42")
    assert is_public("2a04:4e42::645")


def test_a_private_server_gets_no_request(tmp_path: Path) -> None:
    with serve(sending(PDF)) as server, pytest.raises(FetchError, match="not public"):
        PdfFetcher(hosts=["*"], max_bytes=1000, any_port=True).fetch(server.url, tmp_path / "a.pdf")
    assert server.asked == []


def test_a_public_name_with_a_private_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("151.101.131.42", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answer)
    with pytest.raises(FetchError, match="not public"):
        PdfFetcher(hosts=["*"], max_bytes=1000).fetch("http://papers.example/a.pdf", tmp_path / "a.pdf")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a.pdf",
        "file:///etc/passwd",
        "http://example.org:22/",
        "http://[bad/",
        "https://",
        "http://u:p@example.org/",
    ],
)
def test_other_schemes_ports_and_users_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchError, match="no valid address"):
        PdfFetcher(hosts=["*"], max_bytes=1000).fetch(url, tmp_path / "a.pdf")


def test_an_unresolvable_name_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(FetchError, match="connection to the source of the PDF failed"):
        PdfFetcher(hosts=["*"], max_bytes=1000).fetch("http://nowhere.example/a.pdf", tmp_path / "a.pdf")
