"""The life of indices behind an alias, without a server; with one: ``test_indices`` and the tests of vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from search.engines.opensearch.aliases import AliasedIndices
from search.engines.opensearch.client import Client, Servers
from search.errors import IndexDamaged


@dataclass(frozen=True, slots=True)
class Numbered:
    name: str
    number: int


class NumberedIndices(AliasedIndices[Numbered]):
    cure = "make it again"

    def read_meta(self, name: str, meta: Mapping[str, Any]) -> Numbered:
        return Numbered(name, int(meta["number"]))

    def write_meta(self, state: Numbered) -> dict[str, Any]:
        return {"number": state.number}


class Answers(Client):
    """Gives prepared answers by path and notes what is asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(Servers(("http://127.0.0.1:9",)))
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []

    def request(self, method: str, path: str, body: Any = None, **_options: Any) -> Any:
        self.asked.append((method, path, body))
        return self.answers.get(path, {})


def mapping(**meta: object) -> dict[str, Any]:
    return {"mappings": {"_meta": meta}}


def test_only_indices_of_this_alias_are_its_own() -> None:
    ours = {"papers-000002": mapping(application="coolpapers", number=2)}
    others = {
        "papers-000003": mapping(application="something else"),
        "papers-vectors-000004": mapping(application="coolpapers"),
    }
    indices = NumberedIndices(Answers({"/papers-*/_mapping": {**ours, **others}}), "papers")
    assert indices.own_metas() == {"papers-000002": {"application": "coolpapers", "number": 2}}
    assert indices.next_name() == "papers-000003"


def test_the_state_is_written_into_a_new_index_and_read_back() -> None:
    client = Answers({})
    NumberedIndices(client, "papers").make(Numbered("papers-000001", 7), {"mappings": {"dynamic": "strict"}})
    ((method, path, body),) = client.asked
    assert (method, path) == ("PUT", "/papers-000001")
    stored = NumberedIndices(Answers({"/papers/_mapping": {"papers-000001": body}}), "papers")
    assert stored.state() == Numbered("papers-000001", 7)


@pytest.mark.parametrize("mappings", [{}, {"a": mapping(number=1), "b": mapping(number=1)}, {"a": mapping(number="x")}])
def test_a_state_that_cannot_be_read_is_damage_with_the_cure(mappings: dict[str, Any]) -> None:
    with pytest.raises(IndexDamaged, match="make it again"):
        NumberedIndices(Answers({"/papers/_mapping": mappings}), "papers").state()


def test_publishing_removes_former_indices_in_the_same_step() -> None:
    client = Answers({"/_alias/papers": {"papers-000001": {}, "papers-000002": {}}})
    NumberedIndices(client, "papers").publish(Numbered("papers-000002", 1))
    assert client.asked[-1][2]["actions"] == [
        {"remove_index": {"index": "papers-000001"}},
        {"add": {"index": "papers-000002", "alias": "papers"}},
    ]
