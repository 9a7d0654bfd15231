"""The end of a test waits for pending requests of its pages."""

from __future__ import annotations

import threading
from typing import Any
from urllib.request import urlopen

from pytest_django.live_server_helper import LiveServer

from tests.browser.requests_underway import RequestsUnderway


def test_it_waits_for_the_last_answer() -> None:
    underway = RequestsUnderway()
    assert underway.wait(at_most_s=0)
    underway.start()
    assert not underway.wait(at_most_s=0)
    threading.Timer(0.05, underway.finish).start()
    assert underway.wait(at_most_s=10)


class Heard(RequestsUnderway):
    """Records the signals that it receives."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def start(self, **signal: Any) -> None:
        self.said.append("started")
        super().start(**signal)

    def finish(self, **signal: Any) -> None:
        self.said.append("finished")
        super().finish(**signal)


def test_it_counts_the_requests_of_the_live_server(live_server: LiveServer) -> None:
    underway = Heard()
    underway.watch()
    try:
        with urlopen(f"{live_server.url}/healthz") as answer:
            answer.read()
        assert underway.wait(at_most_s=10)
    finally:
        underway.forget()
    assert underway.said == ["started", "finished"]
