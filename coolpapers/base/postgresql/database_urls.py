"""One address for a database, as hosting services and other tools write it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from coolpapers.base.env import EnvironmentValueError

EXPECTED = (
    "an address such as postgresql://user:password@host:5432/name?sslmode=verify-full, where the characters"
    " @ : / ? # % of names and passwords are written as %40 %3A %2F %3F %23 %25"
)
_SCHEMES = ("postgresql", "postgres")
_PLACE = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\[\]:]*))(?::(?P<port>\d*))?")
_MAX_PORT = 65_535
_PASSWORD = re.compile(r"password=[^&]*", re.IGNORECASE)
# Parameters that are Django's, not the driver's, with their settings.
_OF_DJANGO = {"conn_max_age": "CONN_MAX_AGE", "conn_health_checks": "CONN_HEALTH_CHECKS"}


def parse_database_url(variable: str, url: str) -> dict[str, Any]:
    """Django's settings of a PostgreSQL database.

    Parts may be percent-encoded, and are optional but for the name; without a host the local socket is used. Several
    hosts are separated by commas, as libpq has it. Parameters are those of the driver (``sslmode``, ``sslrootcert``,
    ``connect_timeout``, ``host`` for the folder of a socket …); ``conn_max_age`` is the number of seconds that a
    connection is kept.

    Raises
    ------
    EnvironmentValueError
        Names the variable and hides the password.
    """
    try:
        parts = urlsplit(url)
        account, _, places = parts.netloc.rpartition("@")
        user, _, password = account.partition(":")
        host, port = _hosts_and_ports(places)
        name = _decode(parts.path.removeprefix("/"))
        parameters = _parameters(parts.query)
        user, password = _decode(user), _decode(password)
    except ValueError as exc:
        raise EnvironmentValueError(variable, _shown(url), EXPECTED) from exc
    if parts.scheme not in _SCHEMES or not name or "/" in parts.path[1:] or parts.fragment:
        raise EnvironmentValueError(variable, _shown(url), EXPECTED)
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "HOST": host or parameters.pop("host", ""),
        "PORT": port or parameters.pop("port", ""),
        "USER": user or parameters.pop("user", ""),
        "PASSWORD": password or parameters.pop("password", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a connection that the server has closed meanwhile is replaced
    }
    for parameter, setting in _OF_DJANGO.items():
        if parameter in parameters:
            settings[setting] = _number(variable, url, parameters.pop(parameter))
    settings["OPTIONS"] = parameters
    return settings


def _hosts_and_ports(places: str) -> tuple[str, str]:
    """``HOST`` and ``PORT`` of libpq: ``h1,h2`` and ``5432,5433``. Raises ValueError."""
    hosts, ports = [], []
    for place in places.split(","):
        match = _PLACE.fullmatch(place)
        if match is None or int(match["port"] or 0) > _MAX_PORT:
            raise ValueError("a host or port is not one")
        hosts.append(match["ipv6"] or _decode(match["host"] or ""))
        ports.append(match["port"] or "")
    return ",".join(hosts), ",".join(ports) if any(ports) else ""


def _parameters(query: str) -> dict[str, str]:
    """A plus sign is itself here, unlike in a form of HTML. Raises ValueError."""
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    if not all(name and separator for name, separator, _ in pairs):
        raise ValueError("a parameter without a value")
    return {_decode(name): _decode(value) for name, _, value in pairs}


def _decode(text: str) -> str:
    """Raises ValueError where bytes are not UTF-8."""
    return unquote(text, errors="strict")


def _number(variable: str, url: str, text: str) -> int:
    if not text.isdigit():
        raise EnvironmentValueError(variable, _shown(url), f"{EXPECTED} with a number where it has {text!r}")
    return int(text)


def _shown(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    rest = f"…@{rest.rpartition('@')[2]}" if "@" in rest else rest
    return _PASSWORD.sub("password=…", f"{scheme}{separator}{rest}")
