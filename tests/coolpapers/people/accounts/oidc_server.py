"""A real OpenID Connect provider on loopback, in a process of its own, and a reader's way through its sign-in page."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.test import Client

SITE = "http://papers.example.org"


@contextmanager
def provider(*users: dict[str, Any]) -> Iterator[str]:
    """Run the provider with these users (their claims, ``sub`` among them); yields its issuer address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", port, "--require-nonce", "true"]
    for claims in users:
        command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{issuer}/.well-known/openid-configuration")
        yield issuer
    finally:
        process.kill()
        process.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(address).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < deadline, f"nothing answers at {address}"
            time.sleep(0.1)
        else:
            return


def sign_in_at_provider(client: Client, subject: str, *, start: str = "/account/provider") -> str:
    """Follow the site's redirect, sign in as ``subject``; return the path to which the provider sends the reader."""
    location = client.get(start).headers["Location"]
    answer = httpx.post(location, data={"sub": subject}).headers["Location"]
    assert answer.startswith(f"{SITE}/account/provider/answer?")
    parts = urlsplit(answer)
    return f"{parts.path}?{parts.query}"
