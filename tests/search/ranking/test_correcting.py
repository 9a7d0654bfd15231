from __future__ import annotations

from datetime import date

import pytest

from search.engines.memory import MemoryBackend
from search.language.parser import parse_query
from search.language.query import And, Exact
from search.ranking.correcting import MAX_LOOKUPS, correct_query
from tests.search.make import make_document
from tests.search.trees import NOW


@pytest.fixture(scope="module")
def library() -> MemoryBackend:
    backend = MemoryBackend()
    papers = [
        make_document(f"p:{n}", title="Transformer language models with attention", authors=["Geoffrey Hinton"])
        for n in range(60)
    ]
    papers += [
        make_document("p:slip", title="A transfomer of power", abstract="Hints for graph colouring"),
        make_document("p:hints", title="Hints", abstract="Reinforcement learning of Chebyshev filters on a graph"),
        make_document(
            "p:code", title="Attention", categories=["cs.CL"], day=date(2020, 5, 1), year=2020, flags=["code"]
        ),
        make_document("p:short", title="Pretraining by pre-training on GPT and a gpu with big-data"),
        *(make_document(f"p:gpt{n}", title="The gpt of today") for n in range(60)),
        make_document("p:model", title="A language-model", abstract="We study re-ranking with cross-validation."),
    ]
    backend.rebuild(papers, revision=1)
    return backend


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("atention", "attention"),
        ("Atention LANGAUGE modles", "Attention LANGUAGE models"),
        ("transfomer", "transformer"),  # the index contains it once, as a typing error of another paper
        ('ti:atention AND "langauge model"', 'ti:attention "language model"'),
        ("grpah -survey (filtrs OR atention)", "graph -survey (filters OR attention)"),
        ("atention year:2020..2021 cat:cs.CL has:code", "attention year:2020..2021 cat:cs.CL has:code"),
        ("langauge-model", "language-model"),
        ("ttention", "attention"),
        ("graps", "graph"),
        ("pwer", "power"),
        ("pretrainign", "pretraining"),
        ("pre-traning", "pre-training"),
        ("big-dta", "big-data"),
        ("au:Hintn", "au:Hinton"),  # a name, and not the more similar word "hints"
        ("au:Hintn_G", 'au:"Hinton, G"'),
        ("G. Hintn", "Hinton_G"),
        ('au:"Geofrey Hinton"', 'au:"Geoffrey Hinton"'),
    ],
)
def test_only_misspelt_words_are_replaced(library: MemoryBackend, query: str, corrected: str) -> None:
    assert correct_query(parse_query(query, now=NOW).root, library) == corrected


@pytest.mark.parametrize(
    "query",
    [
        "",
        "attention",
        "Models",  # known by its stem
        "colouring",  # rare, without a common similar word
        "zzzzzz",
        "year:2024",
        "reinforcment",  # found by its stem
        "atent*",
        "atenton~",
        "注意力机制",
        "-atention",
        "X(3873)",
        "reranking",  # known with a hyphen
        "GPQ",  # an acronym
        "gpu",  # short, known, and one letter beside another word
        "atention zzzzzz",  # the correction has no hits either
        "atention au:Welling",
        "atention year:1999",
        "atention cat:hep-ex",
        '"atention langauge"',  # the words are known, but never adjacent
    ],
)
def test_known_and_dissimilar_names_have_no_suggestion(library: MemoryBackend, query: str) -> None:
    assert correct_query(parse_query(query, now=NOW).root, library) is None


@pytest.mark.parametrize(("n_right", "expected"), [(1_999, None), (2_000, "correlation")])
def test_an_error_of_some_papers_is_told_from_a_rare_word_by_how_common_the_right_word_is(
    n_right: int, expected: str | None
) -> None:
    backend = MemoryBackend()
    titles = ["On corelation"] * 4 + ["On correlation"] * n_right
    backend.rebuild([make_document(f"p:{n}", title=title) for n, title in enumerate(titles)], revision=1)
    assert correct_query(parse_query("corelation").root, backend) == expected


def test_a_correction_without_hits_under_the_filters_is_not_offered(library: MemoryBackend) -> None:
    root = parse_query("atention", now=NOW).root
    assert correct_query(root, library) == "attention"
    assert correct_query(root, library, restrict=lambda tree: And((tree, Exact("category", "cs.CL")))) == "attention"
    assert correct_query(root, library, restrict=lambda tree: And((tree, Exact("category", "hep-ex")))) is None


def test_the_number_of_looked_up_words_is_bounded(library: MemoryBackend) -> None:
    calls: list[str] = []

    class Counting(MemoryBackend):
        def suggest(self, word: str, *, limit: int = 5, is_name: bool = False, max_edits: int = 2) -> list[str]:
            calls.append(word)
            return library.suggest(word, limit=limit)

    counting = Counting()
    counting.rebuild([make_document("p:0", title="Attention")], revision=1)
    query = " ".join(f"atention{letter * 3}" for letter in "bcdefghijkl")
    correct_query(parse_query(query).root, counting)
    assert len(calls) == MAX_LOOKUPS
