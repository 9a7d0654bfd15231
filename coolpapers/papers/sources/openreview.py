"""OpenReview's notes of both versions of its API: which are submissions, and what became of them. Pure.

A note tells its fate in ``venue`` and ``venueid`` (see :mod:`.decisions`). Older ones tell it in a reply, where the
export holds replies (``details``), or not at all: then the invitation says where the paper was submitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from coolpapers.papers.sources.decisions import SUBMITTED, Decision, read_decision, read_verdict

_SUBMISSION = re.compile(r"(.+)/-/(?:[A-Za-z]+_)*Submission", re.IGNORECASE)
_DECISION = re.compile(r".+/-/(?:.*_)?Decision", re.IGNORECASE)
_PROCEEDINGS = re.compile(r"\s*@inproceedings\b(?!.*\b(?:submitted to|under review)\b)", re.IGNORECASE | re.DOTALL)
_MAX_REPLIES = 1_000


def is_reply(note: Mapping[str, Any]) -> bool:
    """Whether a note is a review, a comment or a decision, and no submission."""
    parent = note.get("replyto")
    return isinstance(parent, str) and parent not in ("", note.get("id")) and "authors" not in note


def decision_of(note: Mapping[str, Any]) -> Decision | None:
    """What became of a submission whose content is merged into the note; None for other lists of papers."""
    venue, venueid = _text(note.get("venue")), _text(note.get("venueid"))
    is_note = isinstance(note.get("forum"), str)
    if venueid or (venue and is_note):
        decision = read_decision(venue, venueid)
    elif is_note and (group := next(_submitted_to(note), "")):
        decision = read_decision("", f"{group}/Submission")
        if _PROCEEDINGS.match(_text(note.get("_bibtex"))):
            decision = replace(decision, track="")
    else:
        decision = None
    verdict = (
        next(_verdicts(note), None) if is_note and (decision is None or decision.track in (SUBMITTED, "")) else None
    )
    return decision if verdict is None else replace(decision or Decision(""), track=verdict)


def _submitted_to(note: Mapping[str, Any]) -> Iterator[str]:
    """Groups such as ``ICLR.cc/2019/Conference`` that the note was submitted to."""
    invitations = note.get("invitations")
    for invitation in (note.get("invitation"), *(invitations if isinstance(invitations, list) else ())):
        if match := _SUBMISSION.fullmatch(_text(invitation)):
            yield match[1]


def _verdicts(note: Mapping[str, Any]) -> Iterator[str]:
    """Decisions in words: in a field of the note, and in its replies."""
    texts = [_text(note.get("decision"))]
    details = note.get("details")
    details = details if isinstance(details, dict) else {}
    for name in ("directReplies", "replies"):
        replies = details.get(name)
        texts += map(_reply_decision, replies[:_MAX_REPLIES] if isinstance(replies, list) else ())
    for text in texts:
        if text and (verdict := read_verdict(text)) is not None:
            yield verdict


def _reply_decision(reply: object) -> str:
    if not isinstance(reply, dict) or not isinstance(content := reply.get("content"), dict):
        return ""
    invitations = reply.get("invitations")
    names = [reply.get("invitation"), *(invitations if isinstance(invitations, list) else ())]
    if not any(_DECISION.fullmatch(_text(name)) for name in names):
        return ""
    value = content.get("decision") or content.get("recommendation")
    return _text(value.get("value") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
