from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.people.models import Item, SharedCollection
from coolpapers.people.models.kinds import Kind
from coolpapers.people.sharing.links import (
    MAX_IN_FRAGMENT,
    MAX_IN_PATH,
    find_shared,
    owner_name,
    papers_link,
    parse_fragment,
)
from tests.coolpapers.papers.library import make_paper, make_venue_paper
from tests.coolpapers.people.make import keep, make_user


@pytest.mark.django_db
def test_a_short_list_of_arxiv_papers_is_in_the_path() -> None:
    a, b = make_paper(), make_paper()
    assert papers_link([b.key, a.key], name="Mine") == f"/arxiv/{b.arxiv_id},{a.arxiv_id}"


@pytest.mark.django_db
def test_other_and_long_lists_are_in_the_fragment() -> None:
    a, b = make_paper(), make_venue_paper("a")
    for keys in ([a.key, b.key], [a.key] + [f"arxiv:{n}" for n in range(MAX_IN_PATH)], ["gone:1"], []):
        link = papers_link(keys, name="Größe & Co")
        assert link.startswith("/shared/#")
        assert parse_fragment(urlsplit(link).fragment) == ("Größe & Co", keys)


keys = st.text(st.characters(blacklist_characters="\n\r\0", blacklist_categories=["Cs"]), min_size=1, max_size=20)


@pytest.mark.django_db
@given(st.lists(keys, unique=True, max_size=5))
def test_any_keys_survive_a_link(names: list[str]) -> None:
    link = papers_link(names, name="")
    assert parse_fragment(f"#{urlsplit(link).fragment}")[1] == names


@given(st.text(max_size=100))
def test_any_fragment_can_be_read(fragment: str) -> None:
    name, found = parse_fragment(fragment)
    assert isinstance(name, str)
    assert "\0" not in "".join(found)


def test_the_number_of_papers_in_a_link_is_limited() -> None:
    many = [f"file:{n}" for n in range(MAX_IN_FRAGMENT + 5)]
    assert len(parse_fragment("keys=" + "%0A".join(many))[1]) == MAX_IN_FRAGMENT
    assert unquote("%0A") == "\n"


@pytest.mark.django_db
def test_a_token_gives_the_present_collection() -> None:
    user = make_user()
    keep(user, Kind.COLLECTION, "c1", value={"name": "Mine"})
    shared = SharedCollection.objects.create(user=user, collection="c1")
    keep(user, Kind.MEMBER, "c1/arxiv:1", value={"position": 1})
    found = find_shared(shared.token)
    assert found is not None
    assert found[1].keys == ["arxiv:1"]
    assert find_shared("none") is None
    Item.objects.filter(kind=Kind.COLLECTION).update(deleted=True)
    assert find_shared(shared.token) is None


@pytest.mark.django_db
def test_owners_are_named_by_their_full_name_only() -> None:
    user = make_user("secret-login")
    assert owner_name(user) == ""
    user.first_name, user.last_name = "Ada", "Lovelace"
    assert owner_name(user) == "Ada Lovelace"
