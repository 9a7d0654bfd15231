"""The flat reading of a title or an abstract, and how it becomes HTML or plain text.

:func:`coolpapers.reading.markup.latex.text.read_text` makes the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

from coolpapers.reading.markup.math.spans import Formula, math_html

_PLAIN = {"open": "", "close": "", "link": "", "break": "\n\n"}


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the flat reading; ``value`` is the text, the tag, or the address of a link."""

    kind: Literal["text", "math", "open", "close", "link", "break"]
    value: str = ""
    formula: Formula | None = None


def events_to_html(
    events: Iterable[Event], *, mark: Callable[[str], str] | None, display: bool, states_direction: bool = False
) -> str:
    """HTML of the events.

    ``mark`` turns plain text into escaped HTML; ``display=False`` keeps formulas in line; ``states_direction`` gives
    formulas their direction (R16).
    """
    write = mark or _escape
    parts: list[str] = []
    pending: list[str] = []
    for event in events:
        if event.kind == "text":
            pending.append(event.value)
            continue
        if pending:
            parts.append(write("".join(pending)))
            pending.clear()
        parts.append(_markup(event, display=display, states_direction=states_direction))
    if pending:
        parts.append(write("".join(pending)))
    return "".join(parts)


def events_to_plain(events: Iterable[Event], source: str) -> str:
    """The text without markup; formulas stand as in the source, marks included."""
    return "".join(
        source[event.formula.start : event.formula.end] if event.formula else _PLAIN.get(event.kind, event.value)
        for event in events
    )


def _escape(text: str) -> str:
    return escape(text, quote=False)


def _markup(event: Event, *, display: bool, states_direction: bool) -> str:
    if event.formula is not None:
        formula = event.formula
        return math_html(formula.tex, display=display and formula.display, states_direction=states_direction)
    if event.kind == "open":
        return f"<{event.value}>"
    if event.kind == "close":
        return f"</{event.value}>"
    if event.kind == "link":
        return f'<a href="{escape(event.value)}">'
    return "<br><br>"
