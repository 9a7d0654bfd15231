from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from search.ranking import stages
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _library(settings: Any, tmp_path: Path, index_papers: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "_down", {})
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    make_paper(arxiv_id="2603.00001", title="A car", abstract="On the road.")
    make_paper(arxiv_id="2603.00002", title="A road", abstract="For each car.", categories=["cs.LG"])
    make_paper(arxiv_id="2603.00003", title="An automobile", abstract="In motion.")
    index_papers()
    call_command("embed_papers", verbosity=0)


def related(*arguments: str) -> str:
    out = StringIO()
    call_command("related_papers", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["2603.00001", "arXiv:2603.00001v1", "https://arxiv.org/abs/2603.00001"])
def test_json_says_why(name: str) -> None:
    answer = json.loads(related(name, "--json", "--explain"))
    assert answer["id"] == "arxiv:2603.00001"
    hits = {hit["id"]: hit["explanation"] for hit in answer["hits"]}
    assert hits["arxiv:2603.00002"]["signals"] == ["words", "meaning"]
    assert set(hits["arxiv:2603.00002"]["shared"]) == {"car", "road"}
    assert hits["arxiv:2603.00003"]["signals"] == ["meaning"]


def test_lines_and_their_reasons() -> None:
    said = related("2603.00001", "--explain", "--top", "1")
    assert "arxiv:2603.00002  A road" in said
    assert "words: rank 1" in said
    assert "explanation" not in related("2603.00001", "--json")


def test_filters_and_top() -> None:
    answer = json.loads(related("2603.00001", "--json", "--category", "cs.LG"))
    assert [hit["id"] for hit in answer["hits"]] == ["arxiv:2603.00002"]
    assert json.loads(related("2603.00001", "--json", "--top", "0"))["hits"] == []


def test_a_paper_imported_a_minute_ago_has_relatives() -> None:
    make_paper(arxiv_id="2603.00009", title="Vehicle", abstract="")  # neither indexed nor embedded
    answer = json.loads(related("2603.00009", "--json"))
    assert "arxiv:2603.00001" in [hit["id"] for hit in answer["hits"]]
    assert answer["notes"] == ["This paper had no embedding yet; one was computed now."]


def test_an_unknown_paper_is_an_error() -> None:
    with pytest.raises(CommandError, match="is not in this library"):
        related("2603.99999")
