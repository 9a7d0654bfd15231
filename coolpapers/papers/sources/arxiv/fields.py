"""What arXiv's formats have in common: author lines, wrapped abstracts, dates, withdrawal notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Version

_WITHDRAWN = re.compile(
    r"(?:this )?(?:paper|article|submission|manuscript|preprint|work)?\s*"
    r"(?:has been |have been |is |was )?(?:temporarily )?withdrawn\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:,\s*and\s+|,|;|\s+and\s+|\s+&\s+)\s*")
# Submissions before 14:00 Eastern are announced at 20:00, Sunday to Thursday (arxiv.org/help/availability).
_DEADLINE_HOUR = 14


def page_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/abs/{arxiv_id}"


def pdf_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/pdf/{arxiv_id}"


def unwrap_abstract(text: str) -> str:
    """An abstract without its hard line breaks; a line that is indented begins a paragraph."""
    return re.sub(r"\n[ \t]{2,}(?=\S)", "\n\n", text.strip("\n")).strip()


def split_authors(line: str) -> list[str]:
    """Names of an author line: ``C. Bal\\'azs, E. L. Berger (Argonne), J. Doe, Jr. and X. Yuan``."""
    names: list[str] = []
    for part in _SEPARATOR.split(_without_parentheses(line)):
        name = " ".join(part.split())
        if _SUFFIX.fullmatch(name) and names:
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    return names


def is_withdrawn(comment: str) -> bool:
    """Whether the comment says so at its beginning, which is how arXiv marks withdrawn papers."""
    return bool(_WITHDRAWN.match(comment.strip()))


def parse_moment(name: str, text: str) -> datetime:
    """``Mon, 2 Apr 2007 19:18:42 GMT`` or an ISO time, as UTC; BadField for anything else."""
    text = text.strip()
    try:
        if text[:4].isdigit():
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        else:
            moment = parsedate_to_datetime(text)
    except ValueError:
        raise BadField(name, f"{text!r} is not a date") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def announcement_day(submitted: datetime) -> date:
    """The day of the arXiv list that a first version appears in, by arXiv's schedule (holidays aside).

    The list of a day is sent out at 20:00 Eastern on the evening before it.
    """
    local = submitted - timedelta(hours=4 if _is_summer(submitted.date()) else 5)
    evening = local.date() if local.hour < _DEADLINE_HOUR else local.date() + timedelta(days=1)
    while evening.weekday() in (4, 5):  # no list is sent out on Friday and Saturday evening
        evening += timedelta(days=1)
    return evening + timedelta(days=1)


def versions_of(rows: Iterable[tuple[str, datetime]]) -> Iterator[Version]:
    """Versions from ``("v1", moment)`` pairs."""
    for label, moment in rows:
        number = label.lower().lstrip("v")
        if not number.isdigit() or not 1 <= int(number) <= 999:
            raise BadField("versions", f"{label!r} is not a version such as v1")
        yield Version(int(number), moment.date())


def _without_parentheses(line: str) -> str:
    """The line without affiliations, which may be nested: ``(U. of X (Dept. Y))``."""
    pieces: list[str] = []
    depth = 0
    for char in line:
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth:
            pieces.append(char)
    return "".join(pieces)


def _is_summer(day: date) -> bool:
    """United States daylight time since 2007: second Sunday of March to first Sunday of November."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    begins = march + timedelta(days=6 - march.weekday())
    ends = november + timedelta(days=6 - november.weekday())
    return begins <= day < ends
