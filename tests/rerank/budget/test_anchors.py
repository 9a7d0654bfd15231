from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rerank.arrays import Float32s, Ints
from rerank.artifacts import build_lock
from rerank.budget import tiles as module
from rerank.budget.anchors import AnchorScores, build_anchors, load_anchors
from rerank.budget.tiles import AnchorJob, Progress, TileScorer
from rerank.encoders.tokens import TokenTable
from rerank.errors import ArtifactMissing, BuildRunning, ModelMismatch, ScoresNotFinite, ShapeError


class FakeScorer:
    """Scores as a function of the two texts, and a count of the requested pairs."""

    name = "fake"
    batch_tokens = 128

    def __init__(self, *, model_hash: str = "a" * 64, max_tokens: int = 128) -> None:
        self.model_hash = model_hash
        self.max_tokens = max_tokens
        self.n_pairs = 0

    def tokenize(self, texts: Sequence[str]) -> TokenTable:
        return TokenTable.of([list(text.encode()) for text in texts])

    def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Ints) -> Float32s:
        self.n_pairs += len(rows)
        return np.array([score(queries, texts, q, t) for q, t in rows], dtype=np.float32)


def score(queries: TokenTable, texts: TokenTable, query: int, text: int) -> float:
    first = queries.ids[queries.offsets[query] : queries.offsets[query + 1]]
    second = texts.ids[texts.offsets[text] : texts.offsets[text + 1]]
    return float(first.sum() % 101) - float(second.sum() % 97) / 10


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix} {number}" for number in range(n)]


def expected(job: AnchorJob) -> Float32s:
    queries, texts = FakeScorer().tokenize(job.queries), FakeScorer().tokenize(job.texts)
    full = [[score(queries, texts, q, t) for t in range(len(job.texts))] for q in range(len(job.queries))]
    return np.array(full, dtype=np.float32)


def filled(scorers: Sequence[TileScorer], job: AnchorJob, **more: Any) -> AnchorScores:
    """The scores of an uninterrupted build."""
    anchors = build_anchors(scorers, job, **more)
    assert anchors is not None
    return anchors


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_QUERIES", 4)
    monkeypatch.setattr(module, "TILE_ITEMS", 8)
    monkeypatch.setattr(module, "TILE_BATCHES", 1)


JOB = AnchorJob(queries=names("query", 10), texts=names("paper", 30))


def test_the_matrix_is_filled(tmp_path: Path) -> None:
    steps: list[Progress] = []
    anchors = filled([FakeScorer()], JOB, folder=tmp_path, progress=steps.append)
    assert np.array_equal(anchors.scores, expected(JOB))
    assert anchors.queries == JOB.queries
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].done, steps[-1].total, steps[-1].eta_s) == (300, 300, 0.0)


def test_several_devices_share_the_tiles(tmp_path: Path) -> None:
    scorers = [FakeScorer(), FakeScorer(), FakeScorer()]
    anchors = filled(scorers, JOB, folder=tmp_path)
    assert np.array_equal(anchors.scores, expected(JOB))
    assert sum(scorer.n_pairs for scorer in scorers) == 300


def test_a_stop_keeps_the_tiles_and_the_next_run_resumes(tmp_path: Path) -> None:
    first = FakeScorer()
    assert build_anchors([first], JOB, folder=tmp_path, stop=lambda: first.n_pairs >= 100) is None
    with pytest.raises(ArtifactMissing):
        load_anchors(tmp_path)
    second = FakeScorer()
    anchors = filled([second], JOB, folder=tmp_path)
    assert first.n_pairs + second.n_pairs == 300
    assert np.array_equal(anchors.scores, expected(JOB))


def test_a_kill_in_the_middle_of_a_tile_loses_that_tile_only(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from tests.rerank.budget import test_anchors as here
        here.module.TILE_QUERIES, here.module.TILE_ITEMS, here.module.TILE_BATCHES = 4, 8, 1

        class Killed(here.FakeScorer):
            def score_rows(self, queries, texts, rows):
                if self.n_pairs >= 128:
                    os.kill(os.getpid(), 9)
                return super().score_rows(queries, texts, rows)

        here.build_anchors([Killed()], here.JOB, folder=Path(sys.argv[1]))
    """)
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    scorer = FakeScorer()
    anchors = filled([scorer], JOB, folder=tmp_path)
    assert scorer.n_pairs == 300 - 144  # tiles of 32, 32, 16, 32 and 32 pairs were done
    assert np.array_equal(anchors.scores, expected(JOB))


def test_only_new_papers_and_queries_are_scored(tmp_path: Path) -> None:
    build_anchors([FakeScorer()], JOB, folder=tmp_path)
    grown = AnchorJob(queries=[*JOB.queries[1:], "query x"], texts=["paper new", *JOB.texts[5:]])
    scorer = FakeScorer()
    anchors = filled([scorer], grown, folder=tmp_path)
    assert np.array_equal(anchors.scores, expected(grown))
    assert scorer.n_pairs == 9 * 1 + 26  # old queries with the new paper, the new query with all
    again = FakeScorer()
    build_anchors([again], grown, folder=tmp_path)
    assert again.n_pairs == 0


def test_a_sparse_job_scores_its_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    items = np.array([rng.choice(30, size=6, replace=False) for _ in JOB.queries], dtype=np.int32)
    job = AnchorJob(queries=JOB.queries, texts=JOB.texts, items=items)
    scorer = FakeScorer()
    anchors = filled([scorer], job, folder=tmp_path)
    assert scorer.n_pairs == 60
    dense = anchors.dense()
    assert np.isfinite(dense).sum() == 60
    assert np.array_equal(dense[np.isfinite(dense)], expected(JOB)[np.isfinite(dense)])
    build_anchors([scorer], JOB, folder=tmp_path)  # a dense build takes over what the sparse one knew
    assert scorer.n_pairs == 300


def test_columns_are_picked_and_ordered_with_gaps(tmp_path: Path) -> None:
    anchors = filled([FakeScorer()], JOB, folder=tmp_path)
    picked = anchors.dense(columns=np.array([3, -1, 0]))
    assert np.array_equal(picked[:, [0, 2]], expected(JOB)[:, [3, 0]])
    assert np.isnan(picked[:, 1]).all()


def test_the_scores_of_another_model_are_neither_served_nor_reused(tmp_path: Path) -> None:
    build_anchors([FakeScorer()], JOB, folder=tmp_path)
    with pytest.raises(ModelMismatch, match=r"'fake'.*'other'"):
        load_anchors(tmp_path, model_hash="b" * 64, model="other")
    other = FakeScorer(model_hash="b" * 64)
    build_anchors([other], JOB, folder=tmp_path)
    assert other.n_pairs == 300


def test_scores_at_another_token_budget_are_other_scores(tmp_path: Path) -> None:
    build_anchors([FakeScorer()], JOB, folder=tmp_path)
    longer = FakeScorer(max_tokens=256)
    build_anchors([longer], JOB, folder=tmp_path)
    assert longer.n_pairs == 300


@pytest.mark.parametrize("other", [FakeScorer(model_hash="b" * 64), FakeScorer(max_tokens=64)])
def test_devices_that_score_differently_are_refused(tmp_path: Path, other: FakeScorer) -> None:
    with pytest.raises(ModelMismatch, match="same model and maximum length"):
        build_anchors([FakeScorer(), other], JOB, folder=tmp_path)


def test_a_failing_device_ends_the_run_with_its_error(tmp_path: Path) -> None:
    class Broken(FakeScorer):
        def score_rows(self, queries: TokenTable, texts: TokenTable, rows: Ints) -> Float32s:
            raise ScoresNotFinite("NaN")

    with pytest.raises(ScoresNotFinite):
        build_anchors([FakeScorer(), Broken()], AnchorJob(names("q", 40), names("p", 400)), folder=tmp_path)


def test_a_second_concurrent_build_is_refused(tmp_path: Path) -> None:
    with build_lock(tmp_path), pytest.raises(BuildRunning):
        build_anchors([FakeScorer()], JOB, folder=tmp_path)


def test_an_incomplete_work_folder_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "job.json").write_text('{"job"')
    (tmp_path / "work" / "scores.npy").write_bytes(b"half")
    assert np.array_equal(filled([FakeScorer()], JOB, folder=tmp_path).scores, expected(JOB))


def test_empty_jobs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="got 0 and 1"):
        build_anchors([FakeScorer()], AnchorJob([], ["a"]), folder=tmp_path)
    with pytest.raises(ShapeError, match="do not fit"):
        build_anchors([FakeScorer()], AnchorJob(["q"], ["a"], np.array([[1]], dtype=np.int32)), folder=tmp_path)


def test_a_real_cross_encoder_fills_tiles(
    tmp_path: Path, cross_encoder_folder: Path, sentences: Callable[..., list[str]]
) -> None:
    from rerank.encoders.cross_encoder import CrossEncoder

    model = CrossEncoder(cross_encoder_folder, dtype="float32", max_tokens=32)
    texts = sentences(20, seed=1)
    anchors = filled([model], AnchorJob(["graph", "prime gaps"], texts), folder=tmp_path)
    assert anchors.scores[1] == pytest.approx(model.score("prime gaps", texts), abs=1e-4)
