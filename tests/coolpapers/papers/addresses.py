"""Addresses that no parser takes, as sources have them."""

from __future__ import annotations

MALFORMED = (
    "http://[",
    "http://[/a.pdf",
    "https://[::1/a.pdf",
    "http://[g::1]/a.pdf",
    "https://example.org:99999/a.pdf",
    "https://example.org:0/a.pdf",
    "https://example.org:port/a.pdf",
    "https://example.org:-1/a.pdf",
    "http://",
    "https:///a.pdf",
    "https://:443/a.pdf",
    "http://exa\uff0fmple.org/a.pdf",
)
