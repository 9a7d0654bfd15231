"""A reader of a site behind nginx: searches as a browser does, signs in, follows a search."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

HOST = "papers.example.org"
_KEYS = re.compile(r'<li class="card[^>]*? data-key="([^"]+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Reader:
    """Connects to ``port`` of this machine and asks for ``papers.example.org``, whose certificate is checked."""

    def __init__(self, port: int, certificate: Path, *, timeout_s: float = 60.0) -> None:
        self.client = httpx.Client(
            base_url=f"https://127.0.0.1:{port}",
            verify=ssl.create_default_context(cafile=str(certificate)),
            headers={"Host": HOST, "Referer": f"https://{HOST}/"},
            timeout=timeout_s,
        )

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def search(self, query: str, **parameters: str) -> tuple[str, ...]:
        """Keys of the papers on the first page. Raises httpx.HTTPError if there is no page."""
        answer = self.client.get("/search", params={"q": query, "sort": "relevance", **parameters})
        if not answer.is_redirect:  # a query that is an identifier leads to its paper
            answer.raise_for_status()
        return tuple(_KEYS.findall(answer.text)) or (answer.headers.get("location", ""),)

    def search_all(self, queries: Sequence[str], **parameters: str) -> list[tuple[str, ...]]:
        return [self.search(query, **parameters) for query in queries]

    def sign_in(self, name: str, password: str) -> None:
        """Raises LookupError if the name or the password is refused."""
        token = _TOKEN.search(self.client.get("/account/sign-in").text)
        data = {"username": name, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        answer = self.client.post("/account/sign-in", data=data)
        if answer.status_code != 302:
            raise LookupError(f"sign-in answers {answer.status_code}")

    def follow(self, query: str) -> None:
        """Follow a search by mail, as the browser's script stores it."""
        item = {"kind": "search", "key": "trial", "changed": int(time.time() * 1000)}
        item["value"] = {"query": query, "name": "Trial", "mail": True}
        headers = {"X-CSRFToken": self.client.cookies.get("csrftoken") or ""}
        answer = self.client.post("/me/sync", json={"cursor": 0, "items": [item]}, headers=headers)
        answer.raise_for_status()
        if answer.json()["refused"]:
            raise ValueError(answer.text)

    def is_served(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


def wait_until(is_so: Callable[[], bool], *, what: str, timeout_s: float = 300.0, every_s: float = 0.2) -> float:
    """Seconds until it is so. Raises TimeoutError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > timeout_s:
            raise TimeoutError(what)
        time.sleep(every_s)
    return time.monotonic() - began
