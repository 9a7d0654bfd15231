"""Client of an OpenAI-compatible ``/chat/completions`` endpoint with streamed answers.

An answer is complete only if the server says so (a ``finish_reason`` or ``[DONE]``). Anything else, such as a closed
connection, a chunk that is not JSON, or a timeout, is a transient failure (:class:`IncompleteAnswer`): partial answers
are discarded, and a retry may succeed.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from coolpapers.reading.errors import SummarizerRefused
from coolpapers.reading.summarizers.server_events import read_events

MAX_CHARACTERS = 4_000_000  # per response; an answer has some 10,000
_LINE_END = re.compile(r"\r\n|\n|\r")
# Transient statuses: timeouts, conflicts of a loading model, too many requests, server errors.
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})

Message = dict[str, str]


class IncompleteAnswer(Exception):
    """A transient failure without a complete answer. ``retry_after_s`` is the wait that the server requested."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class ChatClient:
    """Client of one model at one address. ``transport`` replaces the network in tests."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        key: str,
        timeout_s: float,
        max_answer_tokens: int,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/") + "/chat/completions"
        self.model = model
        self.max_answer_tokens = max_answer_tokens
        self._key = key
        self._timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0))
        self._transport = transport

    def ask(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the answer piece by piece.

        Raises
        ------
        IncompleteAnswer
            Transient: the server is busy, silent or unreachable, or closed the connection.
        SummarizerRefused
            Permanent: the key, model, address, length or content is refused.
        """
        body = {
            "model": self.model,
            "messages": list(messages),
            "stream": True,
            "max_tokens": self.max_answer_tokens,
        }
        headers = {"Accept": "text/event-stream, application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            # One client per question: questions may be minutes apart, and no connection stays open between them.
            with (
                httpx.Client(timeout=self._timeout, transport=self._transport) as client,
                client.stream("POST", self.url, json=body, headers=headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise self._refusal(response)
                yield from self._read(response)
        except httpx.TimeoutException as exc:
            raise IncompleteAnswer("the model's server did not respond in time") from exc
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise IncompleteAnswer("the connection to the model's server failed") from exc
        except httpx.InvalidURL as exc:
            raise SummarizerRefused("The address of the model's server is not valid.") from exc

    def _read(self, response: httpx.Response) -> Iterator[str]:
        if "json" in response.headers.get("Content-Type", ""):  # a server without streaming
            yield self._piece(_parse("".join(_texts(response))), part="message")[0]
            return
        is_complete = False
        for data in read_events(_lines(response)):
            if data.strip() == "[DONE]":
                return
            piece, is_last = self._piece(_parse(data), part="delta")
            is_complete = is_complete or is_last
            if piece:
                yield piece
        if not is_complete:
            raise IncompleteAnswer("the model's server ended an answer early")

    def _piece(self, event: dict[str, Any], *, part: str) -> tuple[str, bool]:
        """The text of an event, and whether it ends the answer."""
        if event.get("error"):
            raise IncompleteAnswer(f"the model's server reported: {self._clean(event['error'])}")
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        reason = choice.get("finish_reason")
        if reason == "length":
            raise SummarizerRefused(
                f"The answer did not end within {self.max_answer_tokens} tokens; "
                "COOLPAPERS_LLM_MAX_ANSWER_TOKENS sets the limit."
            )
        if reason == "content_filter":
            raise SummarizerRefused("The model's server withheld the answer (content filter).")
        holder = choice.get(part)
        content = holder.get("content") if isinstance(holder, dict) else None
        return (content if isinstance(content, str) else ""), reason is not None

    def _refusal(self, response: httpx.Response) -> Exception:
        status = response.status_code
        if status in _TRANSIENT or status >= 500:
            return IncompleteAnswer(
                "the model's server received too many requests"
                if status == httpx.codes.TOO_MANY_REQUESTS
                else f"the model's server failed (HTTP {status})",
                retry_after_s=_retry_after(response.headers.get("Retry-After", "")),
            )
        if status in (401, 403):  # servers may quote part of the key in their message
            return SummarizerRefused(f"The model's server refused the key (HTTP {status}).")
        detail = self._clean("".join(_texts(response))[:5000])
        return SummarizerRefused(f"The model's server refused the request (HTTP {status}): {detail}")

    def _clean(self, error: object) -> str:
        """The server's message in one short line, without the key."""
        if isinstance(error, str):
            with contextlib.suppress(ValueError, RecursionError):
                error = json.loads(error)
        while isinstance(error, dict):
            error = error.get("message") or error.get("error") or error.get("detail") or "no reason given"
        text = " ".join(str(error).split())[:200]
        return text.replace(self._key, "…") if self._key else text


def _parse(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise IncompleteAnswer("the model's server sent an invalid part of an answer") from exc
    if not isinstance(event, dict):
        raise IncompleteAnswer("the model's server sent an invalid part of an answer")
    return event


def _texts(response: httpx.Response) -> Iterator[str]:
    n_characters = 0
    for text in response.iter_text():
        n_characters += len(text)
        if n_characters > MAX_CHARACTERS:
            raise IncompleteAnswer("the model's server sent an answer that is too long")
        yield text


def _lines(response: httpx.Response) -> Iterator[str]:
    """Split at CR and LF only: JSON may contain U+2028 and others, at which ``str.splitlines`` splits."""
    rest = ""
    for text in _texts(response):
        *lines, rest = _LINE_END.split(rest + text)
        yield from lines
    if rest:
        yield rest


def _retry_after(value: str) -> float | None:
    """The seconds of a Retry-After header, which is a number or a date."""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
