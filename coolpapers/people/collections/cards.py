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

PAGE = 100  # cards on one page; large, so that a moved paper mostly stays on the page


@dataclass(frozen=True)
class MemberCard(Card):
    """A card with the paper's place and note in the collection."""

    member: Member | None = None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Cards in the collection's order, and the members on this page that are not in the library."""

    cards: Sequence[MemberCard]
    missing: Sequence[Member]
    paging: Paging


def page_of_members(request: HttpRequest, collection: Collection) -> MemberPage:
    """The page at ``skip`` (from the form or address), or the last page if that is past the end."""
    start, _size = read_slice({"skip": request.POST.get("skip") or request.GET.get("skip") or ""}, [])
    start = min(start, max(0, len(collection.members) - 1)) // PAGE * PAGE
    members = {member.key: member for member in collection.members[start : start + PAGE]}
    papers = papers_by_any_keys(members)
    numbers = {key: number for number, key in enumerate(members, start=start + 1)}
    keys = [key for key in members if key in papers]
    cards = [
        MemberCard(card.paper, numbers[key], n_stars=card.n_stars, member=members[key])
        for key, card in zip(keys, make_cards([papers[key] for key in keys]), strict=True)
    ]
    missing = [member for key, member in members.items() if key not in papers]
    return MemberPage(cards, missing, Paging(start, PAGE, len(collection.members)))
