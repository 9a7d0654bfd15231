from __future__ import annotations

from coolpapers.reading.summarizers.server_events import read_events


def test_data_lines_of_an_event_are_joined_and_other_lines_passed_over() -> None:
    lines = [": ping", "event: x", "data: one", "data:two", "id: 7", "", "", "data: three", ""]
    assert list(read_events(lines)) == ["one\ntwo", "three"]


def test_an_event_that_breaks_off_is_not_told() -> None:
    assert list(read_events(["data: whole", "", "data: hal"])) == ["whole"]
