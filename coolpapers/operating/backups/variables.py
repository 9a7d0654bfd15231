"""The site's settings as environment variables, with or without what must stay secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

PREFIX = "COOLPAPERS_"
HIDDEN = "(secret)"
_SECRET = re.compile(r"(?:KEY|PASSWORD|PASS|TOKEN|SECRET)$")


def site_variables(environment: Mapping[str, str], *, with_secrets: bool = False) -> dict[str, str]:
    """The variables of coolpapers in an environment, sorted by name.

    Without secrets the values of keys, passwords and tokens, and the user part of addresses, are :data:`HIDDEN`. The
    name of a file that holds a secret is none.
    """
    names = sorted(name for name in environment if name.startswith(PREFIX))
    if with_secrets:
        return {name: environment[name] for name in names}
    return {name: _shown(name, environment[name]) for name in names}


def _shown(name: str, value: str) -> str:
    if name.endswith("_FILE"):
        return value
    if value and _SECRET.search(name):
        return HIDDEN
    return _without_credentials(value)


def _without_credentials(value: str) -> str:
    """An address without its user and password, and without passwords among its parameters."""
    if "://" not in value:
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return HIDDEN
    place = f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
    query = re.sub(r"(?i)\b([^=&]*(?:password|secret|token|key)[^=&]*)=[^&]*", rf"\1={HIDDEN}", parts.query)
    return urlunsplit(parts._replace(netloc=place, query=query))
