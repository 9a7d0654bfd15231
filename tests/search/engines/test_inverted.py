"""The evaluation in plain Python against sums by hand; the contract compares it with the other engines."""

from __future__ import annotations

import time

import pytest

from search.engines.bm25 import inverse_document_frequency, saturate
from search.engines.clauses import Bool, PhraseMatch, TokenMatch
from search.engines.inverted import Evaluation
from search.engines.memory import MemoryBackend
from search.engines.results import Request
from search.engines.streams import TITLE
from search.language.query import Or, Term
from tests.search.make import titled

TITLES = ("graph graph theory", "graph of a tree", "tree", "word")


@pytest.fixture
def evaluation() -> Evaluation:
    backend = MemoryBackend()
    backend.rebuild(titled(*TITLES), revision=1)
    return Evaluation(backend._current(), deadline=time.monotonic() + 60)


def test_a_word_scores_by_the_formula(evaluation: Evaluation) -> None:
    idf, mean = inverse_document_frequency(4, 2), (3 + 4 + 1 + 1) / 4
    assert evaluation.scores(TokenMatch("title", "graph", 2.0)) == {
        0: pytest.approx(2 * idf * saturate(2, 3, mean)),
        1: pytest.approx(2 * idf * saturate(1, 4, mean)),
    }


def test_a_word_of_an_exact_stream_counts_once(evaluation: Evaluation) -> None:
    idf, mean = inverse_document_frequency(4, 2), (2 + 2 + 1 + 1) / 4  # content words
    assert evaluation.scores(TokenMatch("title_exact", "graph", 1.0))[0] == pytest.approx(idf * saturate(1, 2, mean))


def test_a_phrase_has_the_sum_of_its_tokens_idf(evaluation: Evaluation) -> None:
    idf = inverse_document_frequency(4, 2) + inverse_document_frequency(4, 1)
    scores = evaluation.scores(PhraseMatch("title", ((0, "graph"), (1, "theori")), 1.0))
    assert scores == {0: pytest.approx(idf * saturate(1, 3, 9 / 4))}


def test_should_adds_scores_and_must_restricts(evaluation: Evaluation) -> None:
    graph, tree = TokenMatch("title", "graph", 1.0), TokenMatch("title", "tree", 1.0)
    parts = evaluation.scores(graph), evaluation.scores(tree)
    any_of_both = evaluation.scores(Bool(should=(graph, tree)))
    assert any_of_both[1] == pytest.approx(parts[0][1] + parts[1][1])
    assert any_of_both.keys() == {0, 1, 2}
    assert evaluation.scores(Bool(must=(graph, tree))) == {1: pytest.approx(any_of_both[1])}
    assert evaluation.scores(Bool(must=(graph,), should=(tree,))).keys() == {0, 1}
    assert evaluation.scores(Bool(must=(graph,), must_not=(tree,))).keys() == {0}


def test_after_the_deadline_further_clauses_match_nothing() -> None:
    backend = MemoryBackend()
    backend.rebuild(titled(*TITLES), revision=1)
    late = Evaluation(backend._current(), deadline=time.monotonic() - 1)
    result = late.search(Or((Term("graph"), Term("tree"))), Request())
    assert (result.is_partial, result.total) == (True, 0)


def test_shares_of_an_explanation_name_stream_and_word(evaluation: Evaluation) -> None:
    hit = evaluation.search(Term("tree", "title"), Request(explain=True, top_k=1)).hits[0]
    assert hit.explanation is not None
    assert [(share.field, share.term) for share in hit.explanation.shares] == [
        ("title", "tree"),
        ("title_exact", "tree"),
    ]
    assert hit.score > TITLE.weight * 0.1
