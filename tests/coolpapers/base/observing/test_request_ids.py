"""Identifiers of requests: taken from a proxy where they are plain, else made."""

from __future__ import annotations

import re

import pytest

from coolpapers.base.observing.request_ids import answering, choose_request_id, request_id


@pytest.mark.parametrize(
    "given", ["abcdefgh", "0af7651916cd43dd8448eb211c80319c", "a1b2-c3d4:e5/f6=g7+h8@i9.j_", "x" * 128]
)
def test_a_plain_one_is_taken(given: str) -> None:
    assert choose_request_id(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "x" * 129,
        "with space inside",
        "line\nbreak-1234",
        "<script>alert(1)</script>",
        "'; drop--1234",
        "ünïcödé-1234",
        "-starts-with-a-dash",
    ],
)
def test_any_other_is_replaced_by_a_new_one(given: str) -> None:
    made = choose_request_id(given)
    assert made != given
    assert re.fullmatch("[0-9a-f]{16}", made)
    assert choose_request_id(given) != made


def test_it_is_known_within_the_request_only() -> None:
    with answering("abcdefgh"):
        assert request_id() == "abcdefgh"
    assert request_id() == ""
