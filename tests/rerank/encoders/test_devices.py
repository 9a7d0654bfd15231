from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from rerank.encoders.devices import (
    Placement,
    check_finite,
    choose_device,
    choose_inference,
    cpu_threads,
    features_on,
    has_gpu,
    is_out_of_memory,
    place,
)
from rerank.encoders.tokens import Batch
from rerank.errors import PackageMissing, ScoresNotFinite, ShapeError


def timed_probe(
    model: torch.nn.Linear, monkeypatch: pytest.MonkeyPatch, *, full_s: float, half_s: float
) -> Callable[[], None]:
    """A probe whose processor time depends on the number format the model is in."""
    clock = {"now": 0.0}
    monkeypatch.setattr("rerank.encoders.devices.time.process_time", lambda: clock["now"])

    def probe() -> None:
        clock["now"] += half_s if model.weight.dtype == torch.bfloat16 else full_s

    return probe


def test_bf16_is_taken_where_it_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    model = torch.nn.Linear(3, 3)
    placement = place(model, device="cpu", probe=timed_probe(model, monkeypatch, full_s=0.1, half_s=0.03))
    assert placement.dtype == "bfloat16"
    assert model.weight.dtype == torch.bfloat16
    assert "100 ms in fp32, 30 ms in bf16" in placement.reason


@pytest.mark.parametrize("half_s", [0.3, 0.095])
def test_fp32_stays_where_bf16_gains_little_and_keeps_every_bit(monkeypatch: pytest.MonkeyPatch, half_s: float) -> None:
    model = torch.nn.Linear(3, 3)
    before = model.weight.detach().clone()
    placement = place(model, device="cpu", probe=timed_probe(model, monkeypatch, full_s=0.1, half_s=half_s))
    assert placement.dtype == "float32"
    assert torch.equal(model.weight, before)


def test_an_operation_without_bf16_means_fp32() -> None:
    model = torch.nn.Linear(3, 3)

    def probe() -> None:
        if model.weight.dtype == torch.bfloat16:
            raise RuntimeError("not implemented for 'BFloat16'")

    assert place(model, device="cpu", probe=probe).dtype == "float32"


def test_a_set_format_is_not_measured() -> None:
    model = torch.nn.Linear(3, 3)

    def probe() -> None:
        raise AssertionError("measured")

    assert place(model, device="cpu", dtype="float16", probe=probe) == Placement("cpu", "float16", "as set")
    with pytest.raises(ShapeError, match="float8"):
        place(model, device="cpu", dtype="float8", probe=probe)


def test_the_device_is_the_card_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device() == "cuda"
    assert choose_device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == "cpu"


def test_batches_follow_the_device() -> None:
    assert Placement("cuda:1", "bfloat16", "").batch_tokens > 10 * Placement("cpu", "float32", "").batch_tokens


def test_out_of_memory_is_distinguished_from_other_failures() -> None:
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("x"))
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"))
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))


def test_nan_scores_are_named_by_row() -> None:
    assert check_finite(np.ones(3, dtype=np.float32), model="m").tolist() == [1, 1, 1]
    with pytest.raises(ScoresNotFinite, match="2 of 3 texts") as caught:
        check_finite(np.array([[np.nan, 0], [0, 0], [1, np.inf]], dtype=np.float32), model="m")
    assert caught.value.rows == (0, 2)


def test_a_batch_without_types_has_none() -> None:
    ids = np.ones((2, 3), dtype=np.int64)
    assert set(features_on(Batch(ids, ids, None), "cpu")) == {"input_ids", "attention_mask"}
    assert torch.equal(features_on(Batch(ids, ids, ids), "cpu")["token_type_ids"], torch.ones(2, 3, dtype=torch.long))


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Only these packages seem to be installed."""
    monkeypatch.setattr("rerank.encoders.devices.find_spec", lambda name: object() if name in names else None)


ONNX = ("onnx", "onnxruntime", "tokenizers")
TORCH = ("torch", "sentence_transformers")


def test_onnx_is_chosen_without_a_gpu_and_torch_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, *ONNX, *TORCH)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_inference() == "onnx"
    assert choose_inference("torch") == "torch"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_inference() == "torch"
    assert choose_inference("onnx") == "onnx"
    assert choose_inference(device="cpu") == "onnx"


def test_torch_is_chosen_for_what_only_torch_can(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, *ONNX, *TORCH)
    assert choose_inference(device="cuda:1") == "torch"
    assert choose_inference(dtype="bfloat16") == "torch"
    assert choose_inference(needs_torch="its architecture is not BERT") == "torch"
    with pytest.raises(ShapeError, match=r"not BERT.*COOLPAPERS_INFERENCE=torch"):
        choose_inference("onnx", needs_torch="its architecture is not BERT")
    with pytest.raises(ShapeError, match="known are auto, onnx, torch"):
        choose_inference("tensorflow")


def test_a_library_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, *ONNX)
    assert choose_inference() == "onnx"
    with pytest.raises(PackageMissing, match=r"torch, sentence_transformers are not installed.*coolpapers\[torch\]"):
        choose_inference("torch")
    with pytest.raises(PackageMissing, match="not BERT"):
        choose_inference(needs_torch="its architecture is not BERT")
    installed(monkeypatch, *TORCH)
    assert choose_inference() == "torch"
    installed(monkeypatch)
    with pytest.raises(PackageMissing, match=r"coolpapers\[neural\]"):
        choose_inference()


def test_a_gpu_is_seen_in_the_device_files(tmp_path: Path) -> None:
    assert not has_gpu(tmp_path)
    (tmp_path / "nvidia-uvm").touch()  # of the driver, without a card
    assert not has_gpu(tmp_path)
    (tmp_path / "nvidia0").touch()
    assert has_gpu(tmp_path)


def test_threads_are_those_of_torch_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cpu_threads() == torch.get_num_threads()
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert cpu_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "0")
    assert cpu_threads() >= 1
