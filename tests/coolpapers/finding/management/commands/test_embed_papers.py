"""The command that embeds: what it says, and what a signal in the middle leaves."""

from __future__ import annotations

import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from search.neural.dense import retrievers
from tests.coolpapers.finding.running_site import RunningSite
from tests.coolpapers.papers.library import make_paper
from tests.search.concepts import ConceptRetriever

pytestmark = pytest.mark.django_db


@pytest.fixture
def retriever(settings: Any, tmp_path: Path) -> ConceptRetriever:
    settings.DENSE_RETRIEVERS = {
        "default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": {"path": tmp_path / "vectors"}}
    }
    built = retrievers["default"]
    assert isinstance(built, ConceptRetriever)
    return built


def embed(**options: object) -> str:
    out = StringIO()
    call_command("embed_papers", stdout=out, **{"stderr": StringIO(), **options})
    return out.getvalue()


def test_it_embeds_and_says_so(retriever: ConceptRetriever) -> None:
    make_paper()
    make_paper()
    assert "2 papers would be embedded" in embed(dry_run=True)
    assert retriever.count() == 0
    assert "Embedded 2 of 2 changed papers, removed 0" in embed()
    assert retriever.count() == 2
    assert embed(verbosity=0) == ""


def test_a_limit_is_said(retriever: ConceptRetriever) -> None:
    make_paper()
    make_paper()
    assert "run embed_papers again" in embed(limit=1)
    assert "run embed_papers again" not in embed(limit=1)


def test_a_missing_model_is_an_error_with_its_name(settings: Any, tmp_path: Path) -> None:
    make_paper()
    settings.DENSE_RETRIEVERS = {
        "default": {
            "BACKEND": "search.neural.dense.VectorRetriever",
            "OPTIONS": {"path": tmp_path, "model": tmp_path / "absent"},
        }
    }
    with pytest.raises(CommandError, match="absent"):
        embed()


def test_a_second_process_is_told(retriever: ConceptRetriever) -> None:
    make_paper()
    code = (
        "import sys; from pathlib import Path; from rerank.artifacts import build_lock\n"
        "with build_lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(retriever.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(CommandError, match="another process is embedding"):
            embed(wait=0.0)
        closing = threading.Timer(1.0, other.stdin.close)
        closing.start()
        err = StringIO()
        assert "Embedded 1 of 1" in embed(stderr=err)
        assert err.getvalue().count("waiting until it ends") == 1


@pytest.mark.slow
def test_sigterm_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    site = RunningSite(tmp_path)
    n_papers = 1_500
    site.fill(n_papers)
    out = site.stop_when(lambda: any(tmp_path.glob("vectors/**/*.npz")), "embed_papers")
    assert "Stopped before the end" in out
    kept = n_papers - int(site.run("embed_papers", "--dry-run").split()[0].replace(",", ""))
    assert kept == 0  # nothing is published, but what was embedded is kept:
    said = site.run("embed_papers")
    n_embedded = int(said.split()[1].replace(",", ""))
    assert 0 < n_embedded < n_papers
    assert "of 1,500 changed papers" in said
