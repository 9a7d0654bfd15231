"""Where a model runs and in which number format: measured at first use, not guessed from a list of processors.

On a CPU with bf16 instructions half precision is three to four times as fast as fp32 for these small models; on one
without them it is slower, because it is emulated. So both are timed on a small batch of the model itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rerank.arrays import Scores
from rerank.errors import ScoresNotFinite, ShapeError

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


DTYPES = ("auto", "float32", "bfloat16", "float16")
CPU_BATCH_TOKENS = 1024  # a thread: the activations stay in its cache, 1.1 to 1.2 times the speed of 4,096
CUDA_BATCH_TOKENS = 131_072  # 512 pairs of 256 tokens: enough to fill a large card
MARGIN = 1.1  # bf16 must be this much faster before its rounding is accepted
_PROBE_RUNS = 5


@dataclass(frozen=True, slots=True)
class Placement:
    """A device, a number format and why they were chosen."""

    device: str
    dtype: str
    reason: str

    @property
    def batch_tokens(self) -> int:
        """Padded tokens in a batch that this device likes."""
        import torch

        on_card = self.device.startswith("cuda")
        return CUDA_BATCH_TOKENS if on_card else CPU_BATCH_TOKENS * torch.get_num_threads()


def choose_device(wanted: str = "auto") -> str:
    """`wanted`, or the first CUDA card, or the CPU."""
    import torch

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def place(model: torch.nn.Module, *, device: str = "auto", dtype: str = "auto", probe: Callable[[], Any]) -> Placement:
    """Move `model` to its device and number format, in place.

    Parameters
    ----------
    dtype
        One of :data:`DTYPES`; ``auto`` is bf16 on CUDA cards that have it, and on a CPU whatever `probe` runs faster
        in.
    probe
        Runs the model once on a small batch.

    Raises
    ------
    ShapeError
        For a dtype that is not in the list.
    """
    import torch

    if dtype not in DTYPES:
        raise ShapeError(f"The number format {dtype!r} is not one of {', '.join(DTYPES)}.")
    where = choose_device(device)
    model.to(where)
    if dtype != "auto":
        model.to(getattr(torch, dtype))
        return Placement(where, dtype, "as set")
    if where.startswith("cuda"):
        chosen = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
        model.to(getattr(torch, chosen))
        return Placement(where, chosen, "half precision of this card")
    if where != "cpu":
        return Placement(where, "float32", "not measured on this device")
    return _measured_on_cpu(model, probe)


def is_out_of_memory(exc: BaseException) -> bool:
    """Whether an exception says that a device (or the host, inside torch) has no memory left; frees torch's cache."""
    import torch

    out = isinstance(exc, torch.cuda.OutOfMemoryError | MemoryError) or "not enough memory" in str(exc)
    if out and torch.cuda.is_available():
        torch.cuda.empty_cache()
    return out


def features_on(batch: Any, device: Any) -> dict[str, Any]:
    """A padded batch as the tensors sentence-transformers' modules take, on a device."""
    import torch

    arrays = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    if batch.token_type_ids is not None:
        arrays["token_type_ids"] = batch.token_type_ids
    on_card = torch.device(device).type == "cuda"
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if on_card:  # pinned memory lets the copy run beside the previous batch
        return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()}
    return tensors


def finite(scores: Scores, *, model: str) -> Scores:
    """`scores`, if every one is a number.

    Raises
    ------
    ScoresNotFinite
        With the rows of those that are not.
    """
    bad = np.flatnonzero(~np.isfinite(scores).reshape(len(scores), -1).all(axis=1))
    if bad.size:
        raise ScoresNotFinite(
            f"Model {model!r} answered NaN or infinity for {bad.size} of {len(scores)} texts;"
            " its weights are damaged or overflow in half precision (try dtype='float32').",
            rows=tuple(bad.tolist()),
        )
    return scores


def _measured_on_cpu(model: torch.nn.Module, probe: Callable[[], Any]) -> Placement:
    import copy

    import torch

    full_s = _best_s(probe)
    kept = copy.deepcopy(model.state_dict())  # rounding to bf16 and back would lose bits
    model.to(torch.bfloat16)
    try:
        half_s = _best_s(probe)
    except RuntimeError as exc:  # an operation without a bf16 kernel
        logger.info("bf16 does not run here (%s).", exc)
        half_s = float("inf")
    reason = f"measured {full_s * 1e3:.0f} ms in fp32, {half_s * 1e3:.0f} ms in bf16"
    if half_s * MARGIN < full_s:
        return Placement("cpu", "bfloat16", reason)
    model.to(torch.float32)
    model.load_state_dict(kept)
    return Placement("cpu", "float32", reason)


def _best_s(probe: Callable[[], Any]) -> float:
    """Processor time of the best run: on a busy machine the clock on the wall measures the neighbours."""
    probe()  # the first run allocates and chooses kernels
    times = []
    for _ in range(_PROBE_RUNS):
        start = time.process_time()
        probe()
        times.append(time.process_time() - start)
    return min(times)
