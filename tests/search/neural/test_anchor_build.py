"""Anchors, built with a real cross-encoder of two layers over hand-made vectors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from search.errors import AnchorsBroken, DenseUnavailable
from search.neural.anchor_build import PLAN, AnchorPaper, BuildReport
from search.neural.anchors import open_anchors
from search.neural.rerankers import AnchorReranker
from tests.search.concepts import ConceptRetriever
from tests.search.neural.anchored import N_PAPERS, build_with


def test_a_build_scores_its_pairs_and_fits(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    report = build_with(reranker, papers, dense)
    assert report == BuildReport(6, N_PAPERS, 72, is_finished=True)
    scorer = reranker.open_model()
    opened = open_anchors(reranker.anchors, model_hash=scorer.model_hash, encoder_hash=dense.model_hash())
    assert opened is not None
    assert set(opened.row_of) == {paper.key for paper in papers}
    plan = json.loads((reranker.anchors / PLAN).read_text(encoding="utf-8"))
    assert len(plan) == 6
    assert all(len(set(chosen)) == 12 for chosen in plan.values())


def test_built_again_nothing_is_scored_again(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    build_with(reranker, papers, dense)
    finished_pairs: list[int] = []
    build_with(reranker, papers, dense, progress=lambda now: finished_pairs.append(now.done))
    assert finished_pairs == []


def test_a_stopped_build_is_resumed(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    assert not build_with(reranker, papers, dense, should_stop=lambda: True).is_finished
    assert open_anchors(reranker.anchors, model_hash="any", encoder_hash="any") is None
    assert build_with(reranker, papers, dense).is_finished


def test_a_library_that_is_too_small_is_reported(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    with pytest.raises(AnchorsBroken, match="5 papers have vectors"):
        build_with(reranker, papers[:5], dense)


def test_without_vectors_the_command_is_named(
    reranker: AnchorReranker, papers: list[AnchorPaper], tmp_path: Path
) -> None:
    with pytest.raises(DenseUnavailable, match="embed_papers"):
        build_with(reranker, papers, ConceptRetriever(path=tmp_path / "nothing"))


def test_a_second_concurrent_build_is_refused(
    reranker: AnchorReranker, papers: list[AnchorPaper], dense: ConceptRetriever
) -> None:
    code = (
        "import sys; from pathlib import Path; from rerank.artifacts import build_lock\n"
        "with build_lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(reranker.anchors / "scores")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AnchorsBroken):
            build_with(reranker, papers, dense)
        other.stdin.close()
