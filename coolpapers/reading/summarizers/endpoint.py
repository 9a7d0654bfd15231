"""Summaries by a language model behind an OpenAI-compatible endpoint, one question at a time."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from coolpapers.reading.errors import SummarizerUnavailable
from coolpapers.reading.summarizers.base import Progress, Summarizer, SummaryText
from coolpapers.reading.summarizers.chat import ChatClient, IncompleteAnswer, Message
from coolpapers.reading.summarizers.limits import RateLimit, estimate_tokens, truncate_to_tokens
from coolpapers.reading.summarizers.prompts import DEFAULT_FILE, Prompts, load_prompts

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5  # per question, whatever the settings say
FIRST_PAUSE_S = 1.0  # doubled after each failure
LONGEST_PAUSE_S = 60.0  # also for a server's Retry-After: a reader is waiting
_THINKING = ("<think>", "</think>")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """The OPTIONS of an endpoint in the settings, which explain them; 0 per minute means no limit."""

    url: str
    model: str
    key: str = ""
    prompts: str = ""
    timeout_s: float = 60.0
    deadline_s: float = 900.0
    attempts: int = MAX_ATTEMPTS
    max_prompt_tokens: int = 24_000
    max_answer_tokens: int = 2_000
    requests_per_minute: int = 0
    tokens_per_minute: int = 0


class EndpointSummarizer(Summarizer):
    """Asks the questions of the prompts file in one conversation, so that each answer can build on the earlier ones.

    A question is asked at most ``attempts`` times; an incomplete answer is discarded and the question retried.
    ``options`` are the fields of :class:`EndpointOptions`; ``transport``, ``clock``, ``sleep`` and ``jitter`` are for
    tests.
    """

    is_costly = True

    def __init__(
        self,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        **options: Any,
    ) -> None:
        chosen = EndpointOptions(**options)
        self._chat = ChatClient(
            url=chosen.url,
            model=chosen.model,
            key=chosen.key,
            timeout_s=chosen.timeout_s,
            max_answer_tokens=chosen.max_answer_tokens,
            transport=transport,
        )
        self._configured = bool(chosen.url and chosen.model)
        self._prompts_file = Path(chosen.prompts) if chosen.prompts else DEFAULT_FILE
        self._deadline_s = chosen.deadline_s
        self._attempts = max(1, min(chosen.attempts, MAX_ATTEMPTS))
        self._max_prompt_tokens = chosen.max_prompt_tokens
        self._limit = RateLimit(
            requests=chosen.requests_per_minute, tokens=chosen.tokens_per_minute, clock=clock, sleep=sleep
        )
        self._clock, self._sleep, self._jitter = clock, sleep, jitter

    def label(self) -> str:
        return self._chat.model

    def check(self) -> list[str]:
        problems = []
        if not self._configured:
            problems.append("The endpoint summarizer needs COOLPAPERS_LLM_URL and COOLPAPERS_LLM_MODEL.")
        try:
            load_prompts(self._prompts_file)
        except ValueError as exc:
            problems.append(str(exc))
        return problems

    def write(self, text: SummaryText) -> Generator[Progress, None, None]:
        """Yield the summary as it grows, question by question. Raises SummaryError."""
        prompts = self._prompts_for(text.language)
        deadline = self._clock() + self._deadline_s
        sections: list[str] = []
        conversation = self._opening(prompts, text)
        n_total = len(prompts.questions)
        for question in prompts.questions:
            conversation.append({"role": "user", "content": question})
            answer = ""
            for answer in self._answer(conversation, deadline=deadline):
                yield Progress(_assemble([*sections, _section(question, answer)]), len(sections), n_total)
            conversation.append({"role": "assistant", "content": answer})
            sections.append(_section(question, answer))
            yield Progress(_assemble(sections), len(sections), n_total)

    def _answer(self, conversation: Sequence[Message], *, deadline: float) -> Iterator[str]:
        """Yield the answer so far; the last value is complete. Raises SummarizerUnavailable, SummarizerRefused."""
        n_tokens = sum(estimate_tokens(message["content"]) for message in conversation)
        for attempt in range(1, self._attempts + 1):
            self._limit.wait(n_tokens + self._chat.max_answer_tokens)
            try:
                yield from self._attempt(conversation, deadline=deadline)
                return
            except IncompleteAnswer as exc:
                logger.warning("A summary question failed, attempt %d of %d: %s", attempt, self._attempts, exc.reason)
                pause_s = self._pause(attempt, exc.retry_after_s)
                if attempt == self._attempts or self._clock() + pause_s > deadline:
                    times = "once" if attempt == 1 else f"{attempt} times"
                    raise SummarizerUnavailable(f"Asked {times}; {exc.reason}.") from exc
                yield ""  # discard the incomplete answer
                self._sleep(pause_s)

    def _attempt(self, conversation: Sequence[Message], *, deadline: float) -> Iterator[str]:
        text = ""
        for piece in self._chat.ask(conversation):
            text += piece
            if self._clock() > deadline:
                raise SummarizerUnavailable(f"The answers took longer than {self._deadline_s:.0f} seconds.")
            yield without_thinking(text)
        if not without_thinking(text):
            raise IncompleteAnswer("the model's server sent an empty answer")

    def _pause(self, attempt: int, retry_after_s: float | None) -> float:
        """Seconds before the next attempt: the server's Retry-After, or else exponential backoff with jitter."""
        if retry_after_s is not None:
            return min(retry_after_s, LONGEST_PAUSE_S)
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1))
        return longest * (0.5 + self._jitter() / 2)

    def _opening(self, prompts: Prompts, text: SummaryText) -> list[Message]:
        """System prompt and paper; the paper is truncated so that all questions and answers fit."""
        answers = len(prompts.questions) * self._chat.max_answer_tokens
        n_prompt_tokens = sum(estimate_tokens(part) for part in (prompts.system, *prompts.questions))
        # Answers get at most half of the window, so that a short window still holds part of the paper.
        room = self._max_prompt_tokens - n_prompt_tokens - min(answers, self._max_prompt_tokens // 2)
        paper = truncate_to_tokens(_describe(text), max(room, self._max_prompt_tokens // 4))
        return [{"role": "system", "content": f"{prompts.system}\n\n{paper}"}]

    def _prompts_for(self, language: str) -> Prompts:
        prompts = load_prompts(self._prompts_file)
        for code in (language, language.partition("-")[0], "en"):
            if code in prompts:
                return prompts[code]
        return next(iter(prompts.values()))


def without_thinking(text: str) -> str:
    """An answer without the preceding reasoning of some models; empty while the reasoning is unfinished."""
    opening, closing = _THINKING
    start = text.lstrip()
    if start.startswith(opening):
        return start.partition(closing)[2].lstrip()
    return "" if opening.startswith(start) else start


def _describe(text: SummaryText) -> str:
    parts = [f"Title: {text.title}", f"Authors: {', '.join(text.authors)}" if text.authors else ""]
    parts += [f"\nAbstract:\n{text.abstract}" if text.abstract else ""]
    parts += [f"\nFull text:\n{text.full_text}" if text.full_text else ""]
    return "\n".join(part for part in parts if part)


def _section(question: str, answer: str) -> str:
    return f"### {question}\n\n{answer.strip()}"


def _assemble(sections: Sequence[str]) -> str:
    return "\n\n".join(sections) + "\n"
