"""How the log is written: lines for people, or JSON, a line each. Records name the request that they belong to.

The text of queries, addresses of clients and request bodies are not written: Django attaches the request to some
records, and it is left out.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from coolpapers.base.observing.metrics import count_message
from coolpapers.base.observing.request_ids import request_id

_OWN = ("request", "request_id", "request_note", "server_time", "taskName")


class RequestFilter(logging.Filter):
    """Gives each record ``request_id`` and, for lines, ``request_note``: the identifier in brackets or nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        ident = getattr(record, "request_id", "") or request_id()
        record.request_id = ident
        record.request_note = f" [{ident}]" if ident else ""
        return True


class CountingHandler(logging.Handler):
    """Counts warnings and errors for ``/metrics``."""

    def emit(self, record: logging.LogRecord) -> None:
        count_message(record.levelname if record.levelname in ("WARNING", "ERROR", "CRITICAL") else "other")


class JsonLines(JsonFormatter):
    """``{"time": …, "level": …, "logger": …, "message": …, "request_id": …}`` and the record's own fields."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False, reserved_attrs=[*RESERVED_ATTRS, *_OWN])

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"], log_data["logger"] = record.levelname, record.name
        super().add_fields(log_data, record, message_dict)
        if ident := getattr(record, "request_id", ""):
            log_data["request_id"] = ident
