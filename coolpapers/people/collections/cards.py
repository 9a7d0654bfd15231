"""The cards of one page of a collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from coolpapers.papers.lookup.former_keys import papers_by_any_keys
from coolpapers.papers.pages.cards import Card, make_cards
from coolpapers.papers.pages.forms import read_slice
from coolpapers.papers.pages.paging import Paging
from coolpapers.people.state.items import Collection, Member

PAGE = 100  # cards on one page; whole ones, so that moving a paper shows where it went


@dataclass(frozen=True)
class MemberCard(Card):
    """A card with what the collection says of its paper."""

    member: Member | None = None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Cards in the collection's order, and the members there that the library does not have."""

    cards: Sequence[MemberCard]
    missing: Sequence[Member]
    paging: Paging


def page_of_members(request: HttpRequest, one: Collection) -> MemberPage:
    """The page that ``skip`` in the address or form asks for; past the end the last one."""
    start, _size = read_slice({"skip": request.POST.get("skip") or request.GET.get("skip") or ""}, [])
    start = min(start, max(0, len(one.members) - 1)) // PAGE * PAGE
    members = {member.key: member for member in one.members[start : start + PAGE]}
    papers = papers_by_any_keys(members)
    numbers = {key: number for number, key in enumerate(members, start=start + 1)}
    keys = [key for key in members if key in papers]
    cards = [
        MemberCard(card.paper, numbers[key], n_stars=card.n_stars, member=members[key])
        for key, card in zip(keys, make_cards([papers[key] for key in keys]), strict=True)
    ]
    missing = [member for key, member in members.items() if key not in papers]
    return MemberPage(cards, missing, Paging(start, PAGE, len(one.members)))
