"""Server-sent events as OpenAI-compatible servers write them (the WHATWG event stream, ``data`` fields only)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def read_events(lines: Iterable[str]) -> Iterator[str]:
    """Yield the data of each event; comments and other fields are passed over.

    An event that the stream breaks off in the middle of is not yielded: it may be half of one.
    """
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
