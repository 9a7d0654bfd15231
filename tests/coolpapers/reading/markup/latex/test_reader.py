"""The state in which a text is read."""

from __future__ import annotations

import re

from coolpapers.reading.markup.latex.events import Event
from coolpapers.reading.markup.latex.reader import Group, Reader


def test_what_was_said_last_is_known_until_something_else_comes() -> None:
    reader = Reader("", links=True)
    assert reader.last_character() == ""
    reader.say("ab")
    assert reader.last_character() == "b"
    reader.events.append(Event("break"))
    assert reader.last_character() == ""


def test_arguments_follow_after_options() -> None:
    assert Reader("[a][b]{c}", links=True).has_argument()
    assert not Reader("[a] c", links=True).has_argument()


def test_a_group_closes_what_it_opened_and_drops_what_it_hides() -> None:
    reader = Reader("{a}", links=True)
    reader.open_argument("em")
    reader.say("a")
    reader.close_brace()
    assert [event.kind for event in reader.events] == ["open", "text", "close"]
    reader.groups.append(Group(drop_from=1))
    reader.close_brace()
    assert [event.kind for event in reader.events] == ["open"]


def test_a_pattern_is_skipped_where_it_stands() -> None:
    reader = Reader("  a", links=True)
    assert reader.skip(re.compile(r"\s*"))
    assert reader.position == 2
    assert not reader.skip(re.compile("b"))
