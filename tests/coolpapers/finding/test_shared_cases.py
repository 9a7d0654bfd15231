"""The small inputs of public bug reports that are about searching, imported, indexed and searched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command

from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from tests.shared_data import SHARED, needs_shared

pytestmark = [*needs_shared, pytest.mark.django_db]


def found(query: str) -> list[str]:
    page = search_papers(Question(text=query, mode="bm25", relaxing=False))
    return [hit.key for hit in page.hits]


@pytest.mark.parametrize(
    ("name", "query", "key"),
    [
        ("25-thai.jsonl", "ภาษา", "x:th"),
        ("25-thai.jsonl", "ອຸນຫະພູມ", "x:lo"),
        ("25-thai.jsonl", "ភាសាខ្មែរ", "x:km"),
        ("26-compounds.jsonl", "pretraining", "x:c1"),
        ("26-compounds.jsonl", "multitask", "x:c1"),
        ("26-compounds.jsonl", "reranking", "x:c1"),
    ],
)
def test_25_26_words_of_other_scripts_and_compounds(
    index_papers: Callable[[], None], name: str, query: str, key: str
) -> None:
    call_command("import_papers", str(SHARED / "cases" / "import" / name), verbosity=0)
    index_papers()
    assert found(query) == [key]
