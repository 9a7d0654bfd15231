"""Where the shared real data lies, for tests marked ``shared``; they skip where it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))

needs_shared = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout"),
]
