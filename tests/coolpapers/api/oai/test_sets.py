from __future__ import annotations

import pytest

from coolpapers.api.oai import sets
from coolpapers.api.oai.errors import OaiError
from coolpapers.api.oai.sets import category_spec, in_set, sets_of, venue_spec
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import make_paper, make_venue_paper


@pytest.mark.parametrize(
    "name", ["cs.CL", "cond-mat.str-el", "Rev.-Mod.-Phys", "Économie", "A&B+C", "tilde~7e", "*SEM"]
)
def test_every_name_is_a_valid_set_and_comes_back(name: str) -> None:
    spec = venue_spec(name)
    assert spec.isascii()
    assert not set(spec) & set("&+ %/")
    assert sets._decode(spec.removeprefix("venue:")) == name


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 15_000])
def test_members_come_in_the_order_of_their_revisions(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "FEW_MEMBERS", few)
    papers = [make_paper(categories=["cs.CL", "cs.AI"]) for _ in range(3)]
    talks = [make_venue_paper(f"abcdef{year}", year=year) for year in (2024, 2025)]
    papers[0].save()
    assert list(in_set(Paper.objects.all(), category_spec("cs.AI"))) == [papers[1], papers[2], papers[0]]
    assert list(in_set(Paper.objects.all(), venue_spec("ICLR"))) == talks
    assert list(in_set(Paper.objects.all(), venue_spec("ICLR", 2025))) == talks[1:]
    assert sets_of(talks[0]) == ["venue:ICLR", "venue:ICLR:2024"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spec", ["", "category", "category:cs.XX", "venue:", "venue:ICLR:two", "author:x", "category:a:b"]
)
def test_other_sets_do_not_exist(spec: str) -> None:
    make_venue_paper("abcdef1")
    with pytest.raises(OaiError, match="ListSets names all"):
        in_set(Paper.objects.all(), spec)
