"""Limits of an endpoint: requests and tokens per minute, and the length of a prompt."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
_CJK = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]")


def estimate_tokens(text: str) -> int:
    """A rough token count: one per CJK character, one per four others (the usual rule for English prose)."""
    n_cjk = len(_CJK.findall(text))
    return n_cjk + (len(text) - n_cjk + 3) // 4


def truncate_to_tokens(text: str, max_tokens: int) -> str:
    """Truncate a text to an estimated number of tokens, at the end of a line or sentence if one is near."""
    if max_tokens <= 0:
        return ""
    if estimate_tokens(text) <= max_tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate_tokens(text[:middle]) <= max_tokens else (low, middle - 1)
    head = text[:low]
    ends = [head.rfind(mark) + len(mark) for mark in ("\n", ". ", "。") if head.rfind(mark) >= 0.8 * len(head)]
    return head[: max(ends)] if ends else head


class RateLimit:
    """Limits the requests and tokens of this process per sliding minute; 0 means no limit.

    ``clock`` returns monotonic seconds and ``sleep`` waits; tests replace both.
    """

    def __init__(
        self, *, requests: int, tokens: int, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self.requests = requests
        self.tokens = tokens
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[tuple[float, int]] = deque()

    def wait(self, tokens: int) -> None:
        """Wait until a request of so many tokens is allowed, and count it.

        A request larger than the limit is sent alone.
        """
        while (pause := self._try(tokens)) > 0:
            self._sleep(pause)

    def _try(self, tokens: int) -> float:
        with self._lock:
            now = self._clock()
            while self._sent and self._sent[0][0] <= now - WINDOW_S:
                self._sent.popleft()
            has_max_requests = bool(self.requests) and len(self._sent) >= self.requests
            used = sum(count for _, count in self._sent)
            exceeds_tokens = bool(self.tokens) and bool(self._sent) and used + tokens > self.tokens
            if has_max_requests or exceeds_tokens:
                return self._sent[0][0] + WINDOW_S - now
            self._sent.append((now, tokens))
            return 0.0
