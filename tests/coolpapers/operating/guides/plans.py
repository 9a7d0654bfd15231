"""What each guide needs beside its commands, and what to look at when they have run."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack

import httpx

from tests.coolpapers.operating.guides.following import Look
from tests.coolpapers.operating.guides.site import Site
from tests.own_library import free_port


def wait_until_served(site: Site, client: httpx.Client) -> None:
    def is_served() -> bool:
        try:
            return client.get("/healthz").text == "ok\n"
        except httpx.TransportError:
            return False

    site.wait_until(is_served, what="the site is served")


def server(site: Site, stack: ExitStack) -> Look:
    port = free_port()
    site.words["127.0.0.1:8000"] = f"127.0.0.1:{port}"
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120))

    def look() -> None:
        wait_until_served(site, client)
        page = client.get("/search", params={"q": "parsers", "mode": "bm25"})
        assert page.status_code == 200
        assert "on parsers" in re.sub(r"<[^>]+>", "", page.text)
        assert client.get("/readyz").status_code == 200

    return look


PLANS: dict[str, Callable[[Site, ExitStack], Look]] = {"server.md": server}
