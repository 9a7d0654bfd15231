from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rerank.__main__ import main
from rerank.budget.anchors import load_anchors
from rerank.encoders.cross_encoder import CrossEncoder

TOPICS = ("graph networks", "prime numbers", "speech translation", "quantum field")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    path = tmp_path / "papers.jsonl"
    rows = [
        {"id": f"p{row}", "title": f"the {TOPICS[row % 4]} theory", "abstract": f"on {TOPICS[row % 4]} and model {row}"}
        for row in range(60)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    rows = [{"a": TOPICS[row % 4], "b": TOPICS[row % 3], "score": int(row % 4 == row % 3)} for row in range(48)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else None, captured.err


SHORT = ("--n-steps", 4, "--lists-per-batch", 4, "--max-tokens", 24, "--precision", "fp32", "--device", "cpu")


def test_train_from_papers_then_evaluate_then_anchors(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    papers: Path,
    pairs: Path,
    cross_encoder_folder: Path,
    encoder_folder: Path,
) -> None:
    out = tmp_path / "model"
    code, report, errors = run(
        capsys, "train", "--papers", papers, "--out", out, "--model", cross_encoder_folder, "--n-lists", 20,
        "--n-papers", 40, "--hard-encoder", encoder_folder, *SHORT,
    )  # fmt: skip
    assert code == 0
    assert report["finished"]
    assert report["n_lists"] == 20
    assert "step 4/4" in errors

    code, report, _ = run(capsys, "evaluate", "--data", pairs, "--model", out, "--device", "cpu")
    assert code == 0
    assert report["n_lists"] == 48
    assert -1 <= report["spearman"] <= 1

    (tmp_path / "queries.txt").write_text("graph networks\n\nprime numbers\n")
    code, report, errors = run(
        capsys, "anchors", "--model", out, "--queries", tmp_path / "queries.txt", "--papers", papers,
        "--out", tmp_path / "anchors", "--limit", 10, "--device", "cpu",
    )  # fmt: skip
    assert code == 0
    assert report["shape"] == [2, 10]
    assert "100.00%" in errors
    model = CrossEncoder(out, device="cpu")
    anchors = load_anchors(tmp_path / "anchors", model_hash=model.model_hash)
    text = "the graph networks theory. on graph networks and model 0"
    # Where bf16 is the faster format, another batch may round a score of 3.5 by some steps of 1/64.
    assert anchors.scores[0, 0] == pytest.approx(model.score("graph networks", [text])[0], abs=0.08)


def test_train_from_pairs_as_an_encoder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, pairs: Path, encoder_folder: Path
) -> None:
    code, report, _ = run(
        capsys, "train", "--data", pairs, "--dev", pairs, "--out", tmp_path / "m", "--kind", "encoder",
        "--model", encoder_folder, *SHORT,
    )  # fmt: skip
    assert code == 0
    assert "spearman" in report["after"]


def test_mistakes_are_one_line_and_a_failure(capsys: pytest.CaptureFixture[str], tmp_path: Path, pairs: Path) -> None:
    code, report, errors = run(capsys, "evaluate", "--data", pairs, "--model", tmp_path / "nowhere")
    assert (code, report) == (1, None)
    assert errors.startswith("ModelMissing: There is no model folder")
    (tmp_path / "bad.jsonl").write_text("{")
    code, _, errors = run(capsys, "train", "--data", tmp_path / "bad.jsonl", "--out", tmp_path / "m")
    assert code == 1
    assert "line 1: not JSON" in errors


def test_the_command_prints_its_usage() -> None:
    answer = subprocess.run([sys.executable, "-m", "rerank"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "{train,evaluate,pack,anchors}" in answer.stderr
