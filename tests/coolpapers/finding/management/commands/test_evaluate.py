from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from search.ranking import stages
from tests.coolpapers.finding.quality.collections import write_collection

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stages, "_down", {})
    settings.DATA_DIR = tmp_path / "data"
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "site"}}
    }
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.CrossEncoderReranker"}}
    return write_collection(tmp_path / "tiny")


def measure(*arguments: object) -> str:
    out = StringIO()
    call_command("evaluate", "--dataset", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_json_has_measures_with_intervals(folder: Path, mode: str) -> None:
    report = json.loads(measure(folder, "--mode", mode, "--json"))
    assert (report["dataset"], report["mode"], report["pool"], report["n_queries"]) == ("tiny", mode, "all", 2)
    for name in ("nDCG@10", "R@100", "RR"):
        assert 0 <= report["measures"][name]["low"] <= report["measures"][name]["mean"]
        assert report["measures"][name]["mean"] <= report["measures"][name]["high"] <= 1


def test_lines_splits_pools_and_limits(folder: Path) -> None:
    assert "tiny, bm25, all: 2 queries" in measure(folder)
    assert "tiny, bm25, judged: 1 queries" in measure(folder, "--pool", "judged", "--limit", "1")
    assert (
        json.loads(measure(folder, "--split", "related", "--mode", "hybrid", "--json"))["measures"]["RR"]["mean"] == 1
    )


def test_vectors_are_kept_for_the_next_run(folder: Path, settings: Any) -> None:
    measure(folder, "--mode", "dense")
    vectors = settings.DATA_DIR / "evaluation" / "tiny" / "vectors"
    before = (vectors / "manifest.json").stat().st_mtime_ns
    measure(folder, "--mode", "dense")
    assert (vectors / "manifest.json").stat().st_mtime_ns == before


def test_weights_are_printed_as_the_setting_takes_them(folder: Path) -> None:
    said = measure(folder, "--fit-weights").strip()
    parts = dict(part.split("=") for part in said.split(","))
    assert list(parts) == ["bm25", "coverage", "dense"]
    assert sum(map(float, parts.values())) == pytest.approx(1, abs=0.002)


def test_a_mode_without_its_model_is_an_error(folder: Path) -> None:
    with pytest.raises(CommandError, match="cannot be measured"):
        measure(folder, "--mode", "rerank")


def test_a_folder_that_is_no_collection_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"has no qrels\.tsv"):
        measure(tmp_path)
