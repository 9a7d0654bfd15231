"""The log, and who may read the metrics."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_choice, read_str
from coolpapers.settings.places import DATA_DIR

# Token that /metrics asks for ("Authorization: Bearer …"); empty: it answers this machine only.
METRICS_TOKEN = read_str("COOLPAPERS_METRICS_TOKEN", "")
# Numbers of each process, which the one that is asked adds up.
METRICS_DIR = DATA_DIR / "metrics"

# How the log is written to standard error: line (for people), or json (an object a line).
_LOG_FORMAT = read_choice("COOLPAPERS_LOG_FORMAT", "line", ("line", "json"))
# Log each request with view, status, time and size: off, on, or clients (with the client's address).
ACCESS_LOG = read_choice("COOLPAPERS_ACCESS_LOG", "off", ("off", "on", "clients"))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "coolpapers.base.observing.logs.RequestFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}{request_note}", "style": "{"},
        "json": {"()": "coolpapers.base.observing.logs.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": _LOG_FORMAT, "filters": ["request"]},
        "count": {"class": "coolpapers.base.observing.logs.CountingHandler", "level": "WARNING"},
    },
    # Lowest level written to standard error: DEBUG, INFO, WARNING or ERROR.
    "root": {"handlers": ["console", "count"], "level": read_str("COOLPAPERS_LOG_LEVEL", "WARNING")},
    "loggers": {
        # Whether there is an access log is ACCESS_LOG's decision, not that of the level.
        "coolpapers.access": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = _LOG_FORMAT == "line"  # Celery would write its own lines
