"""One address for a database, as hosting services and other tools write it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from coolpapers.base.env import EnvironmentValueError

EXPECTED = "an address such as postgresql://user:password@host:5432/name?sslmode=verify-full"
_SCHEMES = ("postgresql", "postgres")
# Parameters that are Django's, not the driver's, with their settings.
_OF_DJANGO = {"conn_max_age": "CONN_MAX_AGE", "conn_health_checks": "CONN_HEALTH_CHECKS"}


def parse_database_url(variable: str, url: str) -> dict[str, Any]:
    """Django's settings of a PostgreSQL database.

    Parts may be percent-encoded, and are optional but for the name; without a host the local socket is used. Parameters
    are those of the driver (``sslmode``, ``sslrootcert``, ``connect_timeout``, ``host`` for the folder of a socket …);
    ``conn_max_age`` is the number of seconds that a connection is kept.

    Raises
    ------
    EnvironmentValueError
        Names the variable and hides the password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        name = unquote(parts.path.lstrip("/"))
        parameters = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as exc:
        raise EnvironmentValueError(variable, _shown(url), EXPECTED) from exc
    if parts.scheme not in _SCHEMES or not name or "/" in name:
        raise EnvironmentValueError(variable, _shown(url), EXPECTED)
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "HOST": unquote(host) or parameters.pop("host", ""),
        "PORT": str(port or parameters.pop("port", "")),
        "USER": unquote(parts.username or parameters.pop("user", "")),
        "PASSWORD": unquote(parts.password or parameters.pop("password", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a connection that the server has closed meanwhile is replaced
    }
    for parameter, setting in _OF_DJANGO.items():
        if parameter in parameters:
            settings[setting] = _number(variable, url, parameters.pop(parameter))
    settings["OPTIONS"] = parameters
    return settings


def _number(variable: str, url: str, text: str) -> int:
    if not text.isdigit():
        raise EnvironmentValueError(variable, _shown(url), f"{EXPECTED} with a number where it has {text!r}")
    return int(text)


def _shown(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}…@{rest.rpartition('@')[2]}" if "@" in rest else url
