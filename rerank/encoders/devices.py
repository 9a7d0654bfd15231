"""Choice of library, device and number format. In torch on a CPU, the format is measured when the model is loaded.

On a CPU with bf16 instructions, bf16 is three to four times as fast as fp32 for these small models; on a CPU without
them it is emulated and slower. Both are therefore timed on a small batch of the model.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rerank.arrays import Float32s
from rerank.errors import PackageMissing, ScoresNotFinite, ShapeError

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


DTYPES = ("auto", "float32", "bfloat16", "float16")
INFERENCES = ("auto", "onnx", "torch")
_TORCH_DTYPES = ("bfloat16", "float16")  # these formats are torch's only
_ONNX_PACKAGES = ("onnx", "onnxruntime", "tokenizers")
_TORCH_PACKAGES = ("torch", "sentence_transformers")
_GPU_DEVICES = ("nvidia[0-9]*", "kfd", "dxg")  # in /dev: of NVIDIA, of AMD, of Windows' Linux
CPU_BATCH_TOKENS = 1024  # per thread: activations stay in its cache; 1.1 to 1.2 times as fast as 4,096
CUDA_BATCH_TOKENS = 131_072  # 512 pairs of 256 tokens fill a large GPU
MIN_SPEEDUP = 1.1  # of bf16 on a CPU; below it, fp32 is more accurate and hardly slower
_PROBE_RUNS = 5


@dataclass(frozen=True, slots=True)
class Placement:
    """A device, a number format and the reason for them."""

    device: str
    dtype: str
    reason: str

    @property
    def batch_tokens(self) -> int:
        """Default number of padded tokens in a batch on this device."""
        return CUDA_BATCH_TOKENS if self.device.startswith("cuda") else CPU_BATCH_TOKENS * cpu_threads()


def cpu_threads() -> int:
    """Threads of a model on the CPU: torch's where torch is in use, else OMP_NUM_THREADS, else one per core."""
    if "torch" in sys.modules:
        import torch

        return int(torch.get_num_threads())
    stated = os.environ.get("OMP_NUM_THREADS", "")
    if stated.isdecimal() and int(stated):
        return int(stated)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def choose_inference(
    inference: str = "auto", *, device: str = "auto", dtype: str = "auto", needs_torch: str = ""
) -> str:
    """The library that runs a model: ``onnx`` or ``torch``.

    Parameters
    ----------
    inference
        One of :data:`INFERENCES`. ``auto`` is torch if it is installed and there is a GPU, or if device, number format
        or model need it; otherwise ONNX Runtime.
    needs_torch
        Why the model cannot run in ONNX Runtime; "" if it can.

    Raises
    ------
    PackageMissing
        If the packages of that library are not installed.
    ShapeError
        For an unknown library, or ``onnx`` with a model, device or format that it cannot run.
    """
    if inference not in INFERENCES:
        raise ShapeError(f"Unknown library {inference!r}; known are {', '.join(INFERENCES)}.")
    reason = needs_torch or _reason_for_torch(device, dtype)
    if inference == "onnx" and reason:
        raise ShapeError(f"The model cannot run in ONNX Runtime: {reason}. Set COOLPAPERS_INFERENCE=torch.")
    if inference == "torch" or reason:
        _require(_TORCH_PACKAGES, extra="torch", reason=reason or "torch was asked for")
        return "torch"
    if inference == "auto" and not missing_packages(_TORCH_PACKAGES):
        is_needed = bool(missing_packages(_ONNX_PACKAGES)) or (device == "auto" and choose_device() != "cpu")
        if is_needed:
            return "torch"
    _require(_ONNX_PACKAGES, extra="neural", reason="a model was asked for")
    return "onnx"


def missing_packages(names: tuple[str, ...] = _ONNX_PACKAGES) -> list[str]:
    """Names of the packages that are not installed."""
    return [name for name in names if find_spec(name) is None]


def has_any_library() -> bool:
    """Whether the packages of one of the libraries are installed."""
    return not missing_packages(_ONNX_PACKAGES) or not missing_packages(_TORCH_PACKAGES)


def _reason_for_torch(device: str, dtype: str) -> str:
    if device not in ("auto", "cpu"):
        return f"the device {device} needs torch"
    return f"{dtype} needs torch" if dtype in _TORCH_DTYPES else ""


def _require(packages: tuple[str, ...], *, extra: str, reason: str) -> None:
    missing = missing_packages(packages)
    if missing:
        raise PackageMissing(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed, and {reason}; install"
            f" coolpapers[{extra}] (make run NEURAL={extra})."
        )


def choose_device(device: str = "auto") -> str:
    """`device`; for ``auto``, CUDA if it is available, else the CPU.

    torch, which takes seconds and 200 MB to import, is asked only if it is in memory or the system shows a GPU.
    """
    if device != "auto":
        return device
    if "torch" not in sys.modules and not (has_gpu() and find_spec("torch")):
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def has_gpu(folder: Path = Path("/dev")) -> bool:
    """Whether the system shows a GPU that torch may use."""
    return any(any(folder.glob(pattern)) for pattern in _GPU_DEVICES)


def place(model: torch.nn.Module, *, device: str = "auto", dtype: str = "auto", probe: Callable[[], Any]) -> Placement:
    """Move `model` to its device and number format, in place.

    Parameters
    ----------
    dtype
        One of :data:`DTYPES`. ``auto`` is bf16 on CUDA devices that support it, else fp16; on a CPU, the format in
        which `probe` is faster.
    probe
        Runs the model once on a small batch.

    Raises
    ------
    ShapeError
        For an unknown dtype.
    """
    import torch

    if dtype not in DTYPES:
        raise ShapeError(f"Unknown number format {dtype!r}; known are {', '.join(DTYPES)}.")
    device = choose_device(device)
    model.to(device)
    if dtype != "auto":
        model.to(getattr(torch, dtype))
        return Placement(device, dtype, "as set")
    if device.startswith("cuda"):
        half = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
        model.to(getattr(torch, half))
        return Placement(device, half, "half precision of this GPU")
    if device != "cpu":
        return Placement(device, "float32", "not measured on this device")
    return _measured_on_cpu(model, probe)


def is_out_of_memory(exc: BaseException) -> bool:
    """Whether an exception means that the device, or the host inside torch, is out of memory; frees torch's cache."""
    import torch

    is_memory_error = isinstance(exc, torch.cuda.OutOfMemoryError | MemoryError) or "not enough memory" in str(exc)
    if is_memory_error and torch.cuda.is_available():
        torch.cuda.empty_cache()
    return is_memory_error


def features_on(batch: Any, device: Any) -> dict[str, Any]:
    """A padded batch as the input tensors of sentence-transformers' modules, on a device."""
    import torch

    arrays = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    if batch.token_type_ids is not None:
        arrays["token_type_ids"] = batch.token_type_ids
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if torch.device(device).type == "cuda":  # pinned memory lets the copy overlap with the previous batch
        return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()}
    return tensors


def check_finite(scores: Float32s, *, model: str) -> Float32s:
    """Return `scores` if all are finite.

    Raises
    ------
    ScoresNotFinite
        With the rows that are not.
    """
    invalid = np.flatnonzero(~np.isfinite(scores).reshape(len(scores), -1).all(axis=1))
    if invalid.size:
        raise ScoresNotFinite(
            f"Model {model!r} returned NaN or infinity for {invalid.size} of {len(scores)} texts;"
            " its weights are damaged or overflow in half precision (try dtype='float32').",
            rows=tuple(invalid.tolist()),
        )
    return scores


def _measured_on_cpu(model: torch.nn.Module, probe: Callable[[], Any]) -> Placement:
    import copy

    import torch

    full_s = _shortest_s(probe)
    weights = copy.deepcopy(model.state_dict())  # rounding to bf16 and back loses bits
    model.to(torch.bfloat16)
    try:
        half_s = _shortest_s(probe)
    except RuntimeError as exc:  # an operation without a bf16 kernel
        logger.info("bf16 does not run here (%s).", exc)
        half_s = float("inf")
    reason = f"measured {full_s * 1e3:.0f} ms in fp32, {half_s * 1e3:.0f} ms in bf16"
    if half_s * MIN_SPEEDUP < full_s:
        return Placement("cpu", "bfloat16", reason)
    model.to(torch.float32)
    model.load_state_dict(weights)
    return Placement("cpu", "float32", reason)


def _shortest_s(probe: Callable[[], Any]) -> float:
    """Shortest run in seconds of processor time: the wall clock would include other processes on a busy machine."""
    probe()  # the first run allocates and chooses kernels
    times = []
    for _ in range(_PROBE_RUNS):
        start = time.process_time()
        probe()
        times.append(time.process_time() - start)
    return min(times)
