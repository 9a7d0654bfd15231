"""From events to HTML and plain text."""

from __future__ import annotations

from coolpapers.reading.markup.latex.events import Event, events_to_html, events_to_plain
from coolpapers.reading.markup.math.spans import Formula

EVENTS = [
    Event("text", "a <"),
    Event("text", " b "),
    Event("open", "em"),
    Event("math", formula=Formula(4, 7, "x<y", True)),
    Event("close", "em"),
    Event("break"),
    Event("link", 'https://a.b/?"c'),
    Event("text", "d"),
    Event("close", "a"),
]


def test_neighbouring_texts_are_marked_as_one() -> None:
    seen: list[str] = []

    def mark(text: str) -> str:
        seen.append(text)
        return text.upper()

    html = events_to_html(EVENTS, mark=mark, display=True)
    assert seen == ["a < b ", "d"]
    assert html.startswith("A < B <em><span")


def test_text_and_addresses_are_escaped() -> None:
    html = events_to_html(EVENTS, mark=None, display=True)
    assert html.startswith("a &lt; b <em>")
    assert "\\[x&lt;y\\]" in html
    assert '<br><br><a href="https://a.b/?&quot;c">d</a>' in html


def test_without_display_a_formula_stays_in_its_line() -> None:
    assert "\\(x&lt;y\\)" in events_to_html(EVENTS, mark=None, display=False)


def test_plain_text_takes_formulas_from_the_source() -> None:
    assert events_to_plain(EVENTS, "1234$x$89") == "a < b $x$\n\nd"
