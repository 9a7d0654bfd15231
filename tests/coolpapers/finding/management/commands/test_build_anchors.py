from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.coolpapers.finding.running_site import RunningSite
from tests.coolpapers.papers.library import make_paper
from tests.search.neural.test_rerankers import tiny_cross_encoder

pytestmark = pytest.mark.django_db


@pytest.fixture
def reranker_settings(settings: Any, tmp_path: Path) -> dict[str, Any]:
    options: dict[str, Any] = {"anchors": tmp_path / "anchors", "dtype": "float32"}
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.AnchorReranker", "OPTIONS": options}}
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    return options


def build(**options: object) -> str:
    out = StringIO()
    call_command("build_anchors", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_it_builds_and_says_so(reranker_settings: dict[str, Any], tmp_path: Path) -> None:
    reranker_settings["model"] = tiny_cross_encoder(tmp_path / "cross")
    for number in range(8):
        make_paper(title=f"A car, model {number}", abstract="It drives.")
    call_command("embed_papers", verbosity=0)
    assert "At most 12 pairs" in build(dry_run=True, queries=4, papers_per_query=3)
    said = build(queries=4, papers_per_query=4)
    assert "Scored 4 queries against 16 pairs; fitted to 8 papers." in said
    assert (tmp_path / "anchors" / "papers.json").exists()


@pytest.mark.usefixtures("reranker_settings")
def test_without_a_cross_encoder_the_setting_is_named() -> None:
    with pytest.raises(CommandError, match="COOLPAPERS_CROSS_ENCODER"):
        build()


def test_a_missing_model_folder_is_named(reranker_settings: dict[str, Any], tmp_path: Path) -> None:
    reranker_settings["model"] = tmp_path / "absent"
    with pytest.raises(CommandError, match="absent"):
        build()


def test_without_vectors_the_command_is_named(reranker_settings: dict[str, Any], tmp_path: Path) -> None:
    reranker_settings["model"] = tiny_cross_encoder(tmp_path / "cross")
    with pytest.raises(CommandError, match="embed_papers"):
        build()


@pytest.mark.slow
def test_sigterm_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    tiny_cross_encoder(tmp_path / "cross")
    site = RunningSite(tmp_path)
    site.fill(60)
    site.run("embed_papers", "--verbosity", "0")
    command = ("build_anchors", "--queries", "48", "--papers-per-query", "20")
    partial = tmp_path / "anchors" / "scores" / "work" / "scores.npy"
    assert "Stopped before the end" in site.stop_when(lambda: _count_scored(partial) > 0, *command)
    assert not (tmp_path / "anchors" / "papers.json").exists()
    assert 0 < _count_scored(partial) < 48 * 20
    scores = np.load(partial, mmap_mode="r+")
    marked = np.argwhere(np.isfinite(scores))[0]
    scores[tuple(marked)] = 123.0  # scored a second time, it would be something else
    scores.flush()
    assert "Scored 48 queries against 960 pairs; fitted to 60 papers." in site.run(*command)
    (finished,) = (tmp_path / "anchors" / "scores").glob("scores-*.npy")
    assert np.load(finished)[tuple(marked)] == 123.0
    assert (tmp_path / "anchors" / "papers.json").exists()


def _count_scored(path: Path) -> int:
    """Cells of a matrix in the making that hold a score; 0 while it is being laid out."""
    try:
        return int(np.isfinite(np.load(path, mmap_mode="r")).sum())
    except (OSError, ValueError):
        return 0
