from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.importing.services import upsert_records
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "Parsing with very few trees"


@pytest.fixture(autouse=True)
def papers() -> None:
    people = ["Ada Example", "Bo Müller", "C. Dee", "E. Eff", "G. Gee"]
    upsert_records(
        [
            record(key="arxiv:2005.00001", title=TITLE, authors=people, submitted="2020-05-01"),
            record(key="x:b", title=TITLE, authors=people, year=2024, venue="J. of Baz", doi="10.1000/1"),
        ]
    )


def listed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("list_duplicates", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(listed("--json", *arguments)))


def test_both_papers_and_the_evidence_are_listed() -> None:
    assert listed() == (
        "open (year)\n"
        "  arxiv:2005.00001  Parsing with very few trees\n"
        "    Ada Example, Bo Müller, C. Dee, E. Eff …; 2020; arxiv:2005.00001\n"
        "  x:b  Parsing with very few trees\n"
        "    Ada Example, Bo Müller, C. Dee, E. Eff …; 2024; J. of Baz; doi:10.1000/1\n"
        "  for one work: title, authors\n"
        "  for two works: year\n"
        "\n1 pairs.\n"
    )


def test_json_holds_the_same() -> None:
    result = as_json()
    assert result["n_pairs"] == 1
    (pair,) = result["pairs"]
    assert (pair["state"], pair["reason"], pair["decided_by"], pair["is_one_paper"]) == ("open", "year", "", False)
    assert [side["url"] for side in pair["papers"]] == ["/arxiv/2005.00001", "/venue/x:b@File"]
    assert pair["papers"][1]["identifiers"] == {"doi": "10.1000/1"}
    assert {"field": "year", "first": "2020", "second": "2024", "speaks_for": "different"} in pair["comparison"]


def test_states_reasons_papers_and_limits_choose() -> None:
    call_command("separate_papers", "x:b", "2005.00001", stdout=io.StringIO())
    assert listed() == "There is no such pair.\n"
    assert listed("--state", "apart").startswith("apart (year), decided by separate_papers\n")
    assert as_json("--state", "all", "--reason", "doi")["pairs"] == []
    assert as_json("--state", "all", "--paper", "10.1000/1")["n_pairs"] == 1
    assert as_json("--state", "all", "--limit", "0") == {"n_pairs": 1, "pairs": []}


def test_a_paper_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="no such paper") as raised:
        listed("--paper", "2005.99999")
    assert raised.value.returncode == 1
