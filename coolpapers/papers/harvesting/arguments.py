"""Kinds of command-line arguments that several commands take."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date


def day_argument(text: str) -> str:
    """A day as ``2024-05-31``; anything else is a mistake told with its value."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2024-05-31") from None
