"""Evidence made for the tests, through the same reading as a record's."""

from __future__ import annotations

from typing import Any

from coolpapers.papers.identity.evidence import Evidence, evidence_of
from coolpapers.papers.records.record import content_of
from tests.coolpapers.papers.make import record

TITLE = "Learning to parse sentences from very few trees"
PEOPLE = ("Ada Example", "Bo Müller", "Chen Wei")


def evidence(**fields: Any) -> Evidence:
    """Of a record with a title, three authors and the year 2020 where nothing else is said."""
    made = record(**{"title": TITLE, "authors": list(PEOPLE), "year": 2020, **fields})
    return evidence_of(made.key, made.source, made.ident, content_of(made))


def preprint(number: int = 1, **fields: Any) -> Evidence:
    return evidence(key=f"arxiv:2005.{number:05d}", submitted="2020-05-01", **fields)
