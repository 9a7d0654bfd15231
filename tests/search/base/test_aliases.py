from __future__ import annotations

import subprocess
import sys

from search.base.aliases import never_stop
from tests.house.source import ROOT


def test_a_run_goes_to_its_end_by_default() -> None:
    assert never_stop() is False


def test_the_aliases_cost_no_import_of_numpy() -> None:
    code = "import sys, search.base.aliases; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
