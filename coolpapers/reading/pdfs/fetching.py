"""Fetch a paper's PDF from the address in its record, on a reader's request and if the site allows it.

The address is untrusted (server-side request forgery). Allowed are only the hosts that the site knows, http and https
on their default ports, and public IP addresses, which are checked at connection time against DNS rebinding; few
redirects, each checked; and only PDF content, with limits on size and time.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpcore
from django.conf import settings

from coolpapers.reading.errors import FetchError
from search.base.files import replacing

MAX_REDIRECTS = 5
CONNECT_S = 10.0
READ_S = 20.0  # without data
DEADLINE_S = 120.0  # for the whole transfer
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "coolpapers (a reader's own server)",
    "Accept": "application/pdf",
}
_CONTENT_TYPES = frozenset(
    {"application/pdf", "application/x-pdf", "application/octet-stream", "binary/octet-stream", ""}
)
_PORTS = {"http": 80, "https": 443}


class Report(Protocol):
    """Called after each part of a file; ``n_total`` is 0 where the server does not say it."""

    def __call__(self, n_bytes: int, *, n_total: int) -> None: ...


def _report_nothing(n_bytes: int, *, n_total: int) -> None:
    pass


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (inner := ip.ipv4_mapped or ip.sixtofour):
        ip = inner
    return ip.is_global and not ip.is_multicast


def is_known(host: str, hosts: Sequence[str]) -> bool:
    """Whether a host is one of ``hosts`` or below it; ``*`` stands for every host."""
    return any(known == "*" or host == known or host.endswith(f".{known}") for known in hosts)


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to allowed addresses only, and to exactly the address that was checked."""

    def __init__(self, is_allowed: Callable[[str], bool]) -> None:
        self._is_allowed = is_allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(f"{host} has no address") from exc
        address = str(addresses[0][4][0])
        if not all(self._is_allowed(str(entry[4][0])) for entry in addresses):
            raise FetchError("The PDF is not fetched: its address is not public.")
        return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)


class PdfFetcher:
    """Fetches PDFs from ``hosts``. ``is_allowed`` and ``any_port`` relax the checks for tests with a local server."""

    def __init__(
        self,
        *,
        max_bytes: int,
        hosts: Sequence[str],
        is_allowed: Callable[[str], bool] = is_public,
        any_port: bool = False,
        read_s: float = READ_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._max_bytes = max_bytes
        self._hosts = hosts
        self._backend = _GuardedBackend(is_allowed)
        self._any_port = any_port
        self._timeouts = {"connect": CONNECT_S, "read": read_s, "write": CONNECT_S, "pool": CONNECT_S}
        self._deadline_s = deadline_s

    def fetch(self, url: str, target: Path, *, report: Report = _report_nothing) -> None:
        """Fetch the PDF at ``url`` to ``target``, atomically; ``report`` hears how many bytes of how many are there.

        Raises
        ------
        FetchError
            With a reason for readers; no file is left behind.
        """
        deadline = time.monotonic() + self._deadline_s
        with httpcore.ConnectionPool(network_backend=self._backend) as pool, replacing(target) as temporary:
            try:
                for _ in range(MAX_REDIRECTS + 1):
                    self._check(url)
                    redirect = self._get(pool, url, temporary, deadline, report)
                    if not redirect:
                        return
                    url = redirect
            except (httpcore.TimeoutException, TimeoutError) as exc:
                raise FetchError("The source of the PDF did not answer in time.") from exc
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as exc:
                raise FetchError("The connection to the source of the PDF failed.") from exc
            raise FetchError("The source of the PDF redirects too often.")

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise FetchError("The paper's PDF has no valid address.") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
            raise FetchError("The paper's PDF has no valid address.")
        if port not in (None, _PORTS[parts.scheme]) and not self._any_port:
            raise FetchError("The paper's PDF has no valid address.")
        if not is_known(parts.hostname, self._hosts):
            raise FetchError(f"This site fetches no PDFs from {parts.hostname}.")

    def _get(self, pool: httpcore.ConnectionPool, url: str, target: Path, deadline: float, report: Report) -> str:
        """Write the body to ``target``; return the address of a redirect, else ""."""
        extensions = {"timeout": self._timeouts}
        with pool.stream("GET", url, headers=_HEADERS, extensions=extensions) as response:
            headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if 300 <= response.status < 400 and b"location" in headers:
                return _redirect(url, headers[b"location"])
            if response.status != 200:
                raise FetchError(f"The source of the PDF answered with HTTP {response.status}.")
            content_type = headers.get(b"content-type", "").partition(";")[0].strip().lower()
            if content_type not in _CONTENT_TYPES:
                raise FetchError("The source did not send a PDF.")
            total = int(headers.get(b"content-length", "0") or 0)
            if total > self._max_bytes:
                raise FetchError(self._too_large)
            self._save(response.iter_stream(), target, deadline, partial(report, n_total=total))
        return ""

    def _save(self, chunks: Iterator[bytes], target: Path, deadline: float, report: Callable[[int], None]) -> None:
        n_bytes, head = 0, b""
        with target.open("wb") as out:
            for chunk in chunks:
                n_bytes += len(chunk)
                head = (head + chunk)[:1024] if len(head) < 1024 else head
                if n_bytes > self._max_bytes:
                    raise FetchError(self._too_large)
                if time.monotonic() > deadline:
                    raise TimeoutError
                out.write(chunk)
                report(n_bytes)
        if b"%PDF-" not in head:
            raise FetchError("The source did not send a PDF.")

    @property
    def _too_large(self) -> str:
        return f"The PDF is larger than {self._max_bytes / 1e6:.0f} MB, the limit of this site."


def _redirect(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as exc:
        raise FetchError("The paper's PDF has no valid address.") from exc


def site_fetcher() -> PdfFetcher:
    """A fetcher with the limits of the settings."""
    return PdfFetcher(max_bytes=settings.FETCH_PDFS_MAX_MB * 1_000_000, hosts=settings.FETCH_PDFS_HOSTS)
