"""What arXiv's formats have in common: wrapped abstracts, dates, report numbers, withdrawal notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from coolpapers.papers.errors import BadField
from coolpapers.papers.records.record import Dropped, Version

_TEXT = r"(?:paper|article|submission|manuscript|preprint|e-?print|work|note|document|draft|thesis|report|version)"
# Withdrawn from a conference, and a part that is withdrawn.
_NOT_FROM = (
    r"(?!\s+from\s+(?!(?:the\s+)?(?:arxiv|publication|circulation|public)\b))"
    r"(?!\s+(?:sections?|lemmas?|theorems?|claims?|proofs?|figures?|tables?|appendix|remarks?|conjectures?)\b)"
)
_VERB = (
    r"(?:(?:has|have|had)\s+(?:now\s+)?been|is(?:\s+(?:now|being|hereby))?|was|(?:has|had|have)\s+to\s+be"
    r"|must\s+be|will\s+be|being)"
)
# What is withdrawn is this text as a whole: "the second assertion has been withdrawn" is not meant, nor is an earlier
# version of it.
_WITHDRAWN = re.compile(
    rf"""(?:^[\W_]*|[.;:,!)\d]\s+|\bnote:?\s+|\bpages\s+|\bfigures?\s+)
      (?:arxiv\s+admin\s+note:\s+)?
      (?:(?:this|the|our|my)\s+)?(?:\w+\s+)?
      (?:{_TEXT}\s+(?:[^.;]{{0,60}}?\s)??)?
      {_VERB}?\s*(?:temporarily\s+|hereby\s+|voluntarily\s+)?
      (?:withdra(?:wn|w|wed)|withdrawal(?!\s+(?!of|by|due|because|request|notice|to)\w)|retracted)\b{_NOT_FROM}
    | \bauthors?\s+(?:(?:has|have|had)\s+withdrawn|withdrew)\s+(?:this|the|our|my|his|her|their)\s+{_TEXT}\b{_NOT_FROM}
    | \b(?:we|i|authors?|us|to|hereby|responsible\s+to)\s+(?:\w+\s+){{0,6}}?
      withdraw(?:s|ing)?\s+(?:this|the|our|my)\s+{_TEXT}\b{_NOT_FROM}
    | \bwithdrawal\s+of\s+(?:this|the|our|my)\s+{_TEXT}\b
    | \b(?:withdrawn\s+by\s+(?:the\s+)?(?:author|submitter|arxiv)|removed\s+by\s+(?:the\s+)?arxiv)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_TEXT = re.compile(
    r"\b(?:(?<!this )version|versions|v\d+(?!:)|section|theorem|lemma|claim|result|assertion|part|chapter|appendix|"
    r"replaces|replaced|supersedes|earlier|previous|previously|companion)\b[^.;]*$",
    re.IGNORECASE,
)
_NOT_WITHDRAWN = re.compile(r"\b(?:not|never)\s+(?:been\s+|being\s+|yet\s+)*(?:withdrawn|retracted)$", re.IGNORECASE)
_WITHDRAWN_ABSTRACT = re.compile(
    rf"(?:(?:this|the|our)\s+{_TEXT}\b(?:[^.]|\.(?=\d)){{0,150}}?\s{_VERB}\s+(?:being\s+|temporarily\s+)?withdrawn|withdrawn)\b"
    rf"{_NOT_FROM}",
    re.IGNORECASE,
)
_MAX_WITHDRAWN_ABSTRACT = 600  # characters; a longer one still describes the paper
_SEPARATOR = re.compile(r"\s*[;,]\s*")
# Submissions before 14:00 Eastern are announced at 20:00, Sunday to Thursday (arxiv.org/help/availability).
_DEADLINE_HOUR = 14
_MAX_COMMENT = 4_000  # characters looked at


def page_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/abs/{arxiv_id}"


def pdf_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/pdf/{arxiv_id}"


def unwrap_abstract(text: str) -> str:
    """An abstract without its hard line breaks; a line that is indented begins a paragraph."""
    return re.sub(r"\n[ \t]{2,}(?=\S)", "\n\n", text.strip("\n")).strip()


def is_withdrawn(comment: str, abstract: str = "") -> bool:
    """Whether comment or abstract say that the paper was withdrawn, in the wordings met on arXiv.

    There is no field for it: authors and administrators write a sentence.
    """
    comment = " ".join(comment[:_MAX_COMMENT].split())
    if any(sign in comment.lower() for sign in ("withdr", "retract", "removed by")):
        for found in _WITHDRAWN.finditer(comment):
            sentence = re.split(r"[.;](?=\s)", comment[: found.end()])[-1]
            if not (_OTHER_TEXT.search(sentence) or _NOT_WITHDRAWN.search(sentence)):
                return True
    abstract = " ".join(abstract[: _MAX_WITHDRAWN_ABSTRACT + 1].split())
    return len(abstract) <= _MAX_WITHDRAWN_ABSTRACT and bool(_WITHDRAWN_ABSTRACT.match(abstract))


def report_numbers(text: str) -> list[str]:
    """``CERN-TH/96-1, hep-ph/9601001`` as a list."""
    return [number for number in _SEPARATOR.split(text.strip()) if number]


def read_moment(name: str, text: str, dropped: list[Dropped]) -> datetime | None:
    """As :func:`parse_moment`; what is no date is dropped."""
    try:
        return parse_moment(name, text)
    except BadField as exc:
        dropped.append(Dropped(exc.field, exc.reason))
        return None


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


def versions_of(rows: Iterable[tuple[str, datetime | None]]) -> Iterator[Version]:
    """Versions from ``("v1", moment)`` pairs."""
    for label, moment in rows:
        number = label.lower().lstrip("v")
        if not number.isdigit() or not 1 <= int(number) <= 999:
            raise BadField("versions", f"{label!r} is not a version such as v1")
        yield Version(int(number), moment.date() if moment else None)


def _is_summer(day: date) -> bool:
    """United States daylight time since 2007: second Sunday of March to first Sunday of November."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    begins = march + timedelta(days=6 - march.weekday())
    ends = november + timedelta(days=6 - november.weekday())
    return begins <= day < ends
