"""Imports go one way; a replaceable library is imported in one place; nothing heavy loads when Django starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.source import ROOT, imported_names, python_files

SINGLE_IMPORTERS = {
    "tantivy": "search/engines/tantivy/",
    "whoosh": "search/engines/whoosh.py",
    "opensearchpy": "search/engines/opensearch/client.py",
    "faiss": "rerank/vectors/neighbour_index.py",
}


@pytest.mark.parametrize(("library", "only_place"), SINGLE_IMPORTERS.items())
def test_a_replaceable_library_is_imported_in_one_file_or_folder(library: str, only_place: str) -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in python_files()
        if any(name.split(".")[0] == library for name in imported_names(path))
    }
    assert importers
    assert {path for path in importers if not path.startswith(only_place)} == set()


def test_the_neural_library_is_reached_through_few_files() -> None:
    doors = {
        "search/neural/rerankers.py",
        "search/neural/dense.py",
        "search/neural/encoding.py",
        "search/neural/former.py",
        "search/neural/opened.py",
        "search/neural/measures.py",
        "search/neural/vector_search.py",
        "search/neural/anchors.py",
        "search/neural/anchor_build.py",
        "search/neural/readers.py",
        "search/neural/opensearch/retriever.py",
        "search/neural/opensearch/writing.py",
    }
    importers = {
        str(path.relative_to(ROOT))
        for path in python_files("coolpapers", "search")
        if any(name.split(".")[0] == "rerank" for name in imported_names(path))
    }
    assert importers <= doors


def test_nothing_heavy_is_loaded_when_the_site_starts() -> None:
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings';"
        "import django; django.setup(); from coolpapers import urls;"
        "heavy = 'torch', 'transformers', 'sentence_transformers', 'faiss', 'sklearn', 'scipy';"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
