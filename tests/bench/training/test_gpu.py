from __future__ import annotations

import json

import pytest
import torch

from bench.training import gpu


def test_the_smoke_mode_goes_through_every_part_without_a_card(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"N_LAYERS": 1, "HIDDEN": 48, "FEED_FORWARD": 96, "N_WORDS": 500}.items():
        monkeypatch.setattr(gpu, name, value)
    gpu.main(["--smoke"])
    found = json.loads(capsys.readouterr().out)
    assert found["device"] == "cpu"
    assert found["matmul_bf16_tflops"] >= 0
    assert all(rate > 0 for part in ("pairs", "texts") for rate in found[part]["per_s"].values())
    assert found["anchors"]["finished"]
    assert found["anchors"]["pairs_done"] == 4 * 24
    assert found["student"]["texts_per_s"] > 0


def test_it_says_so_and_ends_where_there_is_no_card(capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    with pytest.raises(SystemExit) as ended:
        gpu.main([])
    assert ended.value.code == 2
    assert "no CUDA device" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card here")
def test_a_short_run_on_the_card_finds_its_ceiling(capsys: pytest.CaptureFixture[str]) -> None:
    gpu.main(["--n-texts", "512", "--anchor-papers", "2000", "--anchor-queries", "8", "--seconds", "20", "--runs", "1"])
    found = json.loads(capsys.readouterr().out)
    assert found["matmul_bf16_tflops"] > 1
    assert found["peak_memory_gb"] > 0
