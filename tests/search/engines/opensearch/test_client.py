from __future__ import annotations

import base64
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from search.engines.opensearch.client import Client, Servers, error_of, to_json
from search.errors import IndexMissing, IndexUnavailable, QueryTooLarge
from tests.local_servers import Behaviour, Exchange, serve
from tests.own_library import free_port

JSON = {"Content_Type": "application/json"}


def answering(status: int, body: bytes) -> Behaviour:
    return lambda exchange: exchange.answer(status, body, **JSON)


def client_of(*urls: str, timeout_s: float = 5.0, ca_file: str = "") -> Client:
    return Client(Servers(urls, timeout_s=timeout_s, ca_file=ca_file))


def test_the_next_server_is_asked_when_one_does_not_answer() -> None:
    with serve(answering(200, b'{"count": 3}')) as server:
        client = client_of(f"http://127.0.0.1:{free_port()}", server.url)
        assert [client.request("GET", "/papers/_count") for _ in range(4)] == [{"count": 3}] * 4
        client.close()


def test_a_server_that_hangs_is_left_for_another_one() -> None:
    def hang(exchange: Exchange) -> None:
        exchange.stall()

    with serve(hang) as hanging, serve(answering(200, b'{"count": 3}')) as server:
        client = client_of(hanging.url, server.url, timeout_s=0.3)
        assert [client.request("GET", "/papers/_count") for _ in range(3)] == [{"count": 3}] * 3
        client.close()


def test_without_any_server_the_error_says_what_to_check() -> None:
    with pytest.raises(IndexUnavailable, match="cannot be reached") as raised:
        client_of(f"http://127.0.0.1:{free_port()}").request("GET", "/")
    assert "COOLPAPERS_OPENSEARCH_URL" in raised.value.cure
    assert raised.value.is_transient


def test_a_refused_user_is_no_lost_server() -> None:
    with serve(answering(401, b"Unauthorized")) as server:
        client = client_of(server.url)
        with pytest.raises(IndexUnavailable, match="refuses the user") as raised:
            client.request("GET", "/")
        client.close()
    assert not raised.value.is_transient


def test_one_failed_search_of_several_is_an_error() -> None:
    body = b'{"responses": [{"hits": {}}, {"error": {"type": "x", "reason": "no shard is left"}, "status": 503}]}'
    with serve(answering(200, body)) as server:
        client = client_of(server.url)
        with pytest.raises(IndexUnavailable, match="no shard is left"):
            client.search_many("papers", [{}, {}])
        assert client.search_many("papers", []) == []
        client.close()


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (404, {"type": "index_not_found_exception", "reason": "no such index [papers]"}, IndexMissing),
        (404, "alias [papers] missing", IndexMissing),
        (400, {"type": "search_phase_execution_exception", "reason": "all shards failed",
               "failed_shards": [{"reason": {"type": "query_shard_exception", "reason": "failed to create query",
                                             "caused_by": {"type": "too_many_nested_clauses"}}}]}, QueryTooLarge),
        (429, {"type": "rejected_execution_exception", "reason": "queue is full"}, IndexUnavailable),
        (503, {"type": "no_shard_available_action_exception", "reason": "none"}, IndexUnavailable),
        (403, {"type": "security_exception", "reason": "no permissions"}, IndexUnavailable),
        (400, {"type": "parsing_exception", "reason": "unknown query"}, IndexUnavailable),
    ],
)  # fmt: skip
def test_errors_of_the_server_have_their_exception(status: int, error: object, expected: type[Exception]) -> None:
    found = error_of(status, error)
    assert type(found) is expected
    if isinstance(found, IndexUnavailable):
        assert found.is_transient == (status in (429, 503))
        assert found.cure


def test_lone_surrogates_are_replaced() -> None:
    assert to_json({"a": ["\ud800x"], "b": ("ä",)}) == '{"a":["?x"],"b":["ä"]}'.encode()


# ---- TLS and passwords ------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself; its key lies beside it."""
    path = tmp_path / "ca.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return path


@pytest.fixture
def secure_port(certificate: Path) -> Iterator[int]:
    """A server with TLS that knows one user."""
    expected = "Basic " + base64.b64encode(b"reader:p@ss:word").decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.headers.get("Authorization") == expected
            body = b'{"count": 3}' if is_known else b"Unauthorized"
            self.send_response(200 if is_known else 401)
            self.send_header("Content-Type", "application/json" if is_known else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_server_with_tls_and_a_password_is_used(secure_port: int, certificate: Path) -> None:
    client = client_of(f"https://reader:p%40ss%3Aword@127.0.0.1:{secure_port}", ca_file=str(certificate))
    assert client.request("GET", "/papers/_count") == {"count": 3}
    client.close()


def test_a_wrong_password_is_reported_without_it(secure_port: int, certificate: Path) -> None:
    client = client_of(f"https://reader:secret@127.0.0.1:{secure_port}", ca_file=str(certificate))
    with pytest.raises(IndexUnavailable, match="refuses the user") as raised:
        client.request("GET", "/papers/_count")
    assert "secret" not in f"{raised.value}{raised.value.cure}"
    client.close()


def test_a_certificate_of_an_unknown_authority_is_not_trusted(secure_port: int) -> None:
    client = client_of(f"https://127.0.0.1:{secure_port}")
    with pytest.raises(IndexUnavailable, match="not trusted") as raised:
        client.request("GET", "/papers/_count")
    assert "COOLPAPERS_OPENSEARCH_CA_FILE" in raised.value.cure
    client.close()
