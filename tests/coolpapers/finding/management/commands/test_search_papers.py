from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from coolpapers.papers.models import Paper
from tests.search.concepts import ConceptRetriever

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(index_papers: Callable[[], None]) -> None:
    for number, title in enumerate(("Graph networks", "Graphs of words", "Meadows")):
        Paper(key=f"p:{number}", title=title).save()
    index_papers()


def search(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("search_papers", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.usefixtures("library")
def test_hits_as_lines() -> None:
    lines = search("graph networks").splitlines()
    assert lines[0] == "1 papers"
    assert lines[1].endswith("p:0  Graph networks")


@pytest.mark.usefixtures("library")
def test_hits_as_json() -> None:
    answer = json.loads(search("graph networks", "--json"))
    assert (answer["query"], answer["total"], answer["notes"]) == ("graph networks", 1, [])
    (hit,) = answer["hits"]
    assert (hit["id"], hit["title"]) == ("p:0", "Graph networks")
    assert hit["score"] > 0
    assert "explanation" not in hit


@pytest.mark.usefixtures("library")
def test_top_and_start_choose_the_hits() -> None:
    assert json.loads(search("graph", "--json", "--top", "1"))["total"] == 2
    first, second = (json.loads(search("graph", "--json", "--top", "1", "--start", str(n)))["hits"] for n in (0, 1))
    assert {first[0]["id"], second[0]["id"]} == {"p:0", "p:1"}
    assert json.loads(search("graph", "--json", "--top", "0"))["hits"] == []


@pytest.mark.usefixtures("library")
def test_an_explanation_names_the_share_of_each_word() -> None:
    (hit,) = json.loads(search("graph networks", "--json", "--explain"))["hits"]
    shares = hit["explanation"]["shares"]
    assert sum(share["score"] for share in shares) == pytest.approx(hit["score"], rel=1e-4)
    assert ("title", "graph") in {(share["field"], share["term"]) for share in shares}
    assert "title: graph" in search("graph networks", "--explain")


@pytest.mark.usefixtures("library")
def test_notes_and_suggestions_are_said() -> None:
    answer = json.loads(search("graph meadows", "--json"))
    assert answer["relaxed"]
    assert answer["notes"] == ["No paper contains all of these words; showing papers that contain some."]
    assert "Did you mean: meadows" in search("meadosw")


@pytest.mark.usefixtures("library")
def test_a_query_that_does_not_parse_exits_with_2_position_and_cure() -> None:
    with pytest.raises(CommandError, match=r"at position 7\. ") as refused:
        search("graph (networks")
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("library")
def test_a_query_that_is_too_large_exits_with_2() -> None:
    with pytest.raises(CommandError, match="more than 256 words") as refused:
        search(" OR ".join(f"word{n}" for n in range(300)))
    assert refused.value.returncode == 2


def test_a_missing_index_exits_with_1_and_the_command(own_index: Path) -> None:
    with pytest.raises(CommandError, match=r"run manage\.py rebuild_index") as failed:
        search("graph")
    assert failed.value.returncode == 1


@pytest.mark.usefixtures("library")
def test_a_mode_ranks_and_explains(settings: Any, tmp_path: Path) -> None:
    settings.SEARCH_STAGE_BUDGETS_MS = {"dense": 10_000, "rerank": 10_000}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    settings.RERANKERS = {"default": {"BACKEND": "tests.search.meanings.BackwardsReranker"}}
    call_command("embed_papers", verbosity=0)
    answer = json.loads(search("graph", "--json", "--explain", mode="rerank"))
    assert answer["mode"] == "rerank"
    assert answer["hits"][0]["explanation"]["rank_before"] == answer["total"]
    said = search("graph", "--explain", mode="rerank")
    assert "similarity" in said
    assert "1.000  coverage of the query's words" in said
    assert "1 before reranking" in said
    assert json.loads(search("graph", "--json", mode="bm25"))["mode"] == "bm25"


class SlowlyLoaded(ConceptRetriever):
    """An encoder that takes longer to load than a page waits."""

    def open_encoder(self) -> Any:
        time.sleep(1.0)
        return super().open_encoder()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("mode", ["hybrid", "dense"])
def test_it_waits_for_the_model_and_ranks_as_the_site(settings: Any, tmp_path: Path, client: Client, mode: str) -> None:
    where = {"path": tmp_path / "vectors"}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": f"{__name__}.SlowlyLoaded", "OPTIONS": where}}
    call_command("embed_papers", verbosity=0)
    settings.DENSE_RETRIEVERS = dict(settings.DENSE_RETRIEVERS)  # as in a new process, with nothing loaded
    asked = {"q": "network", "mode": mode}
    cold = client.get("/api/v1/search", asked).json()
    answer = json.loads(search("network", "--json", mode=mode))
    warm = client.get("/api/v1/search", asked).json()
    assert (answer["mode"], answer["notes"]) == (mode, [])
    assert [hit["id"] for hit in answer["hits"]] == [hit["paper"]["id"] for hit in warm["hits"]]
    assert cold["notes"] != warm["notes"]  # a page does not wait
