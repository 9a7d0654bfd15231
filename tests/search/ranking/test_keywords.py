"""Keywords of a paper, against numbers worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from search.language.query import Everything, Or, Term
from search.ranking.keywords import Keyword, extract_keywords, is_content_word, keywords_query
from search.text.analysis import query_tokens
from tests.search.make import make_document
from tests.search.meanings import make_engine

N = 100
# Papers that have each token in their title, and in their abstract.
TITLES = {"graph": 10, "network": 20, "oak": 1}
ABSTRACTS = {"graph": 25, "network": 50, "oak": 2, "quasar": 1, "deep": 100, "learn": 40}


def frequencies(stream: str, tokens: Iterable[str]) -> Mapping[str, int]:
    counts = {"title": TITLES, "abstract": ABSTRACTS}[stream]
    return {token: counts.get(token, 0) for token in tokens}


def extract(title: str, abstract: str = "", **options: Any) -> tuple[Keyword, ...]:
    return extract_keywords(title, abstract, frequencies=frequencies, n_documents=N, **options)


def words(title: str, abstract: str = "", **options: int) -> list[str]:
    return [keyword.word for keyword in extract(title, abstract, **options)]


def test_a_score_is_term_frequency_times_inverse_document_frequency() -> None:
    # graph: 3 for the title and 2 for the abstract, in 25 of 100 papers: 5 ln 4 = 6.93.
    # network: once in the abstract, in 50 papers: ln 2 = 0.69.
    graph, network = extract("The graph", "Graphs of a graph are a network.")
    assert (graph.token, graph.word, graph.count, graph.frequency) == ("graph", "graph", 5, 25)
    assert graph.score == pytest.approx(5 * math.log(4))
    assert (network.token, network.count, network.frequency) == ("network", 1, 50)
    assert network.score == pytest.approx(math.log(2))


def test_a_word_of_the_title_counts_three_times() -> None:
    # learn: 3 ln(100/40) = 2.75 in the title against 2 ln(100/25) = 2.77 twice in the abstract.
    assert words("Learning", "Graph, graph.") == ["graph", "learning"]
    assert words("Learning", "Graph.") == ["learning", "graph"]


def test_a_word_of_every_paper_scores_zero_and_comes_last() -> None:
    assert [(keyword.word, keyword.score) for keyword in extract("Deep", "network")] == [
        ("network", pytest.approx(math.log(2))),
        ("deep", 0.0),
    ]


def test_frequencies_of_title_and_abstract_are_joined() -> None:
    # The title with "oak" belongs to another paper, because this one has it in the abstract: three papers, not two.
    (oak,) = extract("", "An oak.")
    assert oak.frequency == 2
    assert extract("Quasar")[0].frequency == 2  # one abstract has it, and this title
    assert extract("", "Quasar")[0].frequency == 1  # that abstract is this one's


def test_query_keywords_are_in_two_papers_at_least() -> None:
    assert words("Graph", "A quasar.", min_frequency=1) == ["quasar", "graph"]
    assert words("Graph", "A quasar.", min_frequency=2) == ["graph"]
    assert words("", "Unheard quasar.", min_frequency=2) == []


@pytest.mark.parametrize(
    "text",
    ["the", "x", "$x$", "2024", "1e5", "10x", "3rd", "1000", r"$\alpha$", r"\mathbb{R}", "a", "I", "", "!?"],
)
def test_stop_words_and_numbers_are_not_keywords(text: str) -> None:
    assert words(text, text) == []


@pytest.mark.parametrize("text", ["3d", "bm25", "C++", "Schrödinger", "图神", "x86"])
def test_numbers_and_symbols_may_be_words(text: str) -> None:
    assert words(text) == [text if text == "C++" else text.lower()]


def test_no_tex_remains_beside_formulas() -> None:
    keywords = words(r"Bounds on $\frac{\partial f}{\partial x} \leq \mathrm{poly}(n)$ for trees", "")
    assert sorted(keywords) == ["bounds", "poly", "trees"]


def test_ten_words_by_default_and_a_fixed_order_for_equal_ones() -> None:
    many = [f"zz{letter}k" for letter in "abcdefghijkl"]
    assert words(" ".join(reversed(many))) == many[:10]
    assert words(" ".join(many), limit=3) == many[:3]


def test_words_are_shown_as_the_paper_writes_them() -> None:
    assert words("Training BERT", "We train BERT. Trained models.") == ["training", "BERT", "models"]
    assert words("", "Networks, a network, the networks") == ["networks"]
    assert words("GraphQL", "graphql graphql") == ["GraphQL"]  # as the title has it


def test_forms_of_a_word_match_each_other() -> None:
    (keyword,) = extract("Learning", "learned, learns")
    assert (keyword.token, keyword.count) == ("learn", 5)


def test_the_query_repeats_a_word_as_the_paper_does() -> None:
    query = keywords_query(extract("Graph", "quasar"), max_count=2)
    assert query == Or(
        (
            *(Term("quasar", "title"), Term("quasar", "abstract")),
            *(Term("graph", "title"), Term("graph", "title"), Term("graph", "abstract"), Term("graph", "abstract")),
        )
    )
    assert keywords_query((), max_count=2) == Everything()


def test_new_papers_change_the_words_of_old_ones_at_once() -> None:
    library = [make_document(f"p:{number}", title="car" if number < 5 else "sea") for number in range(20)]
    engine = make_engine([*library, make_document("p:wheel", title="wheel")])

    def ask() -> list[str]:
        statistics = {"frequencies": engine.document_frequencies, "n_documents": engine.count()}
        return [keyword.word for keyword in extract_keywords("car wheel", "", limit=1, **statistics)]  # type: ignore[arg-type]

    assert ask() == ["wheel"]  # one of 21 papers has it, five have the car
    engine.update([make_document(f"p:new{number}", title="wheel") for number in range(9)], revision=2)
    assert ask() == ["car"]


def test_cjk_pairs_are_keywords_and_single_characters_are_not() -> None:
    assert [is_content_word(token) for token in query_tokens("图神")] == [True]
    assert [is_content_word(token) for token in query_tokens("图")] == [False]


def test_function_words_are_searched_and_not_displayed() -> None:
    assert set(words("Graphs across networks", "They say so.")) == {"across", "graphs", "networks", "say"}
    assert words("Graphs across networks", "They say so.", is_shown=True) == ["graphs", "networks"]
