"""Tasks that each machine does for itself: its own index, vectors and anchors follow the library.

Celery gives a task to one worker, whichever machine it is on. So the web server of each machine looks whether such a
task ran in its data folder lately, and runs it if not. Where a worker shares the folder, there is nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from coolpapers.base.background import ProcessLock

CHECK_S = 30.0
PATIENCE = 1.5  # periods that a worker may be late, before the web server runs the task itself

# One web process of a machine at a time.
following_lock = ProcessLock(lambda: Path(settings.DATA_DIR) / ".following.lock")


def note_run(task_name: str) -> None:
    """Remember that a task ran in this data folder. A folder that cannot be written makes others run it too."""
    with suppress(OSError):
        path = _stamp(task_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def is_overdue(task_name: str, *, every_s: float, now: float | None = None) -> bool:
    """Whether no process has run the task in this data folder for longer than its period, with some patience."""
    try:
        last = _stamp(task_name).stat().st_mtime
    except OSError:
        return True
    return (time.time() if now is None else now) - last > PATIENCE * every_s


def run_if_overdue(task: Any, *, every_s: float, lock: Callable[[], bool] = following_lock.take) -> bool:
    """Run a task that is overdue here, unless another process of this machine does; return whether it was run."""
    if not is_overdue(task.name, every_s=every_s) or not lock():
        return False
    task.apply(throw=True)
    return True


def _stamp(task_name: str) -> Path:
    return Path(settings.DATA_DIR) / ".ran" / task_name.rpartition(".")[2]
