"""Parse server-sent events of OpenAI-compatible servers (WHATWG event stream, ``data`` fields only)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def read_events(lines: Iterable[str]) -> Iterator[str]:
    """Yield the data of each event; comments and other fields are ignored.

    An unterminated last event is dropped: it may be incomplete.
    """
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
