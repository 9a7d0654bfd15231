"""Days as parameters of the APIs: ``2024-05-31`` and nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN_CHARS = 40


def read_day(value: object) -> object:
    """The day of a text. Pydantic alone also takes seconds since 1970 and times, so that ``from=0`` would be 1970.

    Raises PydanticCustomError.
    """
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as exc:
            raise _error("“{value}” is not in the calendar", value) from exc
    raise _error("“{value}” is not a day", value)


def _error(message: str, value: object) -> PydanticCustomError:
    cure = "Write a day as 2024-05-31."
    return PydanticCustomError("day", f"{message}. {{cure}}", {"value": str(value)[:_SHOWN_CHARS], "cure": cure})


Day = Annotated[date, BeforeValidator(read_day)]
