"""Read settings from environment variables; an invalid value raises an error that names the variable.

Every function takes the variable's name and the default. A secret can also be given as a file: if ``NAME`` is unset
and ``NAME_FILE`` is set, the value is the content of that file, stripped.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class EnvironmentValueError(ValueError):
    """The value of an environment variable does not have the expected type."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} in the environment is not {expected}; correct or unset it.")
        self.name = name


def read_str(name: str, default: str) -> str:
    """Return the variable, or the content of the file named by ``<name>_FILE``."""
    if name in os.environ:
        return os.environ[name]
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise EnvironmentValueError(f"{name}_FILE", path, "a readable file") from exc


def read_bool(name: str, default: bool) -> bool:
    value = read_str(name, "").strip().lower()
    if not value:
        return default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise EnvironmentValueError(name, value, "yes or no (1, true, on / 0, false, off)")


def read_int(name: str, default: int) -> int:
    value = read_str(name, "")
    if not value:
        return default
    try:
        return int(value)
    except ValueError as exc:
        raise EnvironmentValueError(name, value, "an integer") from exc


def read_hour(name: str, default: int) -> int:
    """An hour of the day."""
    hour = read_int(name, default)
    if not 0 <= hour < 24:
        raise EnvironmentValueError(name, str(hour), "an hour from 0 to 23")
    return hour


def read_float(name: str, default: float) -> float:
    value = read_str(name, "")
    if not value:
        return default
    try:
        return float(value)
    except ValueError as exc:
        raise EnvironmentValueError(name, value, "a number") from exc


def read_list(name: str, default: list[str]) -> list[str]:
    """Comma-separated values, stripped; empty ones are dropped."""
    value = read_str(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] if value else default


def read_choice(name: str, default: str, choices: Sequence[str]) -> str:
    """One of the given words."""
    value = read_str(name, default)
    if value not in choices:
        raise EnvironmentValueError(name, value, f"{', '.join(choices[:-1])} or {choices[-1]}")
    return value


def read_path(name: str, default: Path) -> Path:
    value = read_str(name, "")
    return Path(value).expanduser().resolve() if value else default
