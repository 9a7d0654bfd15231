"""The log: JSON a line, with the identifier of the request and without what readers asked."""

from __future__ import annotations

import json
import logging
import sys

from django.test import RequestFactory

from coolpapers.base.observing.logs import CountingHandler, JsonLines, RequestFilter
from coolpapers.base.observing.request_ids import answering
from tests.coolpapers.base.observing.test_metrics import value


def line(**fields: object) -> dict[str, object]:
    record = logging.makeLogRecord(
        {"name": "site", "levelname": "ERROR", "msg": "Failed: %s", "args": ("x",), **fields}
    )
    with answering("abcdefgh"):
        RequestFilter().filter(record)
    text = JsonLines().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def test_a_record_is_an_object_of_one_line() -> None:
    found = line(view="papers:show_home", ms=1.5)
    assert found.pop("time").endswith("+00:00")  # type: ignore[attr-defined]
    assert found == {
        "level": "ERROR",
        "logger": "site",
        "message": "Failed: x",
        "request_id": "abcdefgh",
        "view": "papers:show_home",
        "ms": 1.5,
    }


def test_the_traceback_is_in_it() -> None:
    try:
        raise ValueError("über\n行")
    except ValueError:
        found = line(exc_info=sys.exc_info())
    assert "ValueError: über" in str(found["exc_info"])


def test_a_request_that_django_attaches_is_left_out() -> None:
    request = RequestFactory().get("/search", {"q": "secret words"}, REMOTE_ADDR="192.0.2.7")
    text = json.dumps(line(request=request, status_code=500))
    assert "secret" not in text
    assert "192.0.2.7" not in text
    assert '"status_code": 500' in text


def test_lines_for_people_name_the_request_too() -> None:
    record = logging.makeLogRecord({"name": "site", "levelname": "ERROR", "msg": "Failed"})
    with answering("abcdefgh"):
        RequestFilter().filter(record)
    assert logging.Formatter("{message}{request_note}", style="{").format(record) == "Failed [abcdefgh]"
    other = logging.makeLogRecord({"msg": "Outside"})
    RequestFilter().filter(other)
    assert logging.Formatter("{message}{request_note}", style="{").format(other) == "Outside"


def test_warnings_and_errors_are_counted() -> None:
    before = value("coolpapers_log_messages_total", level="WARNING")
    CountingHandler().handle(logging.makeLogRecord({"levelname": "WARNING", "levelno": logging.WARNING}))
    assert value("coolpapers_log_messages_total", level="WARNING") == before + 1
