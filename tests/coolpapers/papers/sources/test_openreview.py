from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.sources.decisions import Decision
from coolpapers.papers.sources.openreview import decision_of, is_reply

BLIND = {"id": "a", "forum": "a", "invitation": "ICLR.cc/2019/Conference/-/Blind_Submission", "authors": ["A B"]}


def reply(decision: object, *, group: str = "ICLR.cc/2019/Conference/Paper1/-/Meta_Decision") -> dict[str, Any]:
    return {"invitation": group, "content": {"decision": decision}}


@pytest.mark.parametrize(
    ("fields", "track"),
    [
        ({}, "Submitted"),
        ({"decision": "Accept (Oral)"}, "Oral"),
        ({"details": {"directReplies": [reply("Accept (Poster)")]}}, "Poster"),
        ({"details": {"replies": [{"content": {}}, reply({"value": "Reject"})]}}, "Rejected"),
        ({"details": {"replies": [reply("Reject", group="ICLR.cc/2019/Conference/-/Public_Comment")]}}, "Submitted"),
        ({"details": {"replies": "none"}}, "Submitted"),
        ({"_bibtex": "@inproceedings{a, booktitle={International Conference on Learning Representations}}"}, ""),
        ({"_bibtex": "@inproceedings{a, booktitle={Submitted to ICLR},\nnote={under review}}"}, "Submitted"),
        ({"_bibtex": "@misc{a, title={T}}"}, "Submitted"),
    ],
)
def test_a_note_without_a_venue_is_what_its_invitation_and_replies_say(fields: dict[str, Any], track: str) -> None:
    assert decision_of({**BLIND, **fields}) == Decision("ICLR 2019", track)


def test_the_venue_of_a_note_comes_first() -> None:
    note = {**BLIND, "venue": "ICLR 2019 Poster", "venueid": "ICLR.cc/2019/Conference", "decision": "Reject"}
    assert decision_of(note) == Decision("ICLR 2019", "Poster")


def test_the_second_api_lists_invitations() -> None:
    note = {"id": "a", "forum": "a", "invitations": ["X/-/Edit", "TMLR/-/Submission"]}
    assert decision_of(note) == Decision("TMLR", "Submitted", is_journal=True)


def test_a_decision_alone_is_kept_and_other_lists_have_none() -> None:
    assert decision_of({"forum": "a", "decision": "Reject"}) == Decision("", "Rejected")
    assert decision_of({"title": "T", "decision": "Reject"}) is None
    assert decision_of({"venue": "ICLR 2024"}) is None


def test_reviews_are_no_submissions() -> None:
    assert is_reply({"id": "b", "forum": "a", "replyto": "a", "title": "Official Review"})
    assert not is_reply({"id": "a", "forum": "a", "replyto": None, "authors": ["A B"]})
    assert not is_reply({"id": "a", "replyto": "a"})
