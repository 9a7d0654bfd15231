"""Choice of device and number format. On a CPU, the format is measured when the model is loaded.

On a CPU with bf16 instructions, bf16 is three to four times as fast as fp32 for these small models; on a CPU without
them it is emulated and slower. Both are therefore timed on a small batch of the model.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rerank.arrays import Float32s
from rerank.errors import ScoresNotFinite, ShapeError

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


DTYPES = ("auto", "float32", "bfloat16", "float16")
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
        import torch

        is_cuda = self.device.startswith("cuda")
        return CUDA_BATCH_TOKENS if is_cuda else CPU_BATCH_TOKENS * torch.get_num_threads()


def choose_device(device: str = "auto") -> str:
    """`device`; for ``auto``, CUDA if it is available, else the CPU."""
    import torch

    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "cpu"


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
