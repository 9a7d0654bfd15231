from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from coolpapers.people.collections import cards as collections_cards
from coolpapers.people.collections.cards import page_of_members
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.items import Collection, Member
from tests.coolpapers.papers.library import make_paper
from tests.coolpapers.people.make import keep, make_user

pytestmark = pytest.mark.django_db


def collection(*keys: str) -> Collection:
    return Collection("c1", "Mine", "", tuple(Member(key, n, f"note {n}") for n, key in enumerate(keys)))


def test_cards_have_number_note_and_stars(rf: RequestFactory) -> None:
    a, b = make_paper(), make_paper()
    keep(make_user(), Kind.STAR, b.key)
    page = page_of_members(rf.get("/"), collection(b.key, "gone:1", a.key))
    assert [(card.paper, card.number, card.member.note, card.n_stars) for card in page.cards if card.member] == [
        (b, 1, "note 0", 1),
        (a, 3, "note 2", 0),
    ]
    assert [member.key for member in page.missing] == ["gone:1"]


@pytest.mark.parametrize(("skip", "start"), [("", 0), ("1", 0), ("2", 2), ("3", 2), ("99", 4), ("x", 0), ("-3", 0)])
def test_a_start_inside_a_page_shows_that_page(rf: RequestFactory, monkeypatch: Any, skip: str, start: int) -> None:
    monkeypatch.setattr(collections_cards, "PAGE", 2)
    page = page_of_members(rf.get("/", {"skip": skip}), collection(*(f"k{n}" for n in range(5))))
    assert page.paging.start == start
    assert page.paging.total == 5
    assert page_of_members(rf.post("/", {"skip": skip}), collection()).paging.start == 0
