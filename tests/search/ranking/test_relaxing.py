from __future__ import annotations

import pytest

from search.engines.memory import MemoryBackend
from search.language.query import And, Author, Everything, Exact, Node, Not, Or, Phrase, Prefix, Range, Term
from search.ranking.relaxing import MAX_WORDS, is_long, is_word, keep_rarest, rare_terms_query, relax
from tests.search.make import make_document
from tests.search.trees import all_of, any_of, title, without, years

YEAR = years(2020, 2020)


@pytest.fixture(scope="module")
def backend() -> MemoryBackend:
    backend = MemoryBackend()
    common = [make_document(f"p:{n}", title="Common words", abstract=f"common middle{n % 3} text") for n in range(9)]
    rare = make_document("p:rare", abstract=r"common rareword and another of them, 2024, $\alpha$, x")
    twice = make_document("p:twice", abstract="rareword once more")
    backend.rebuild([*common, rare, twice], revision=1)
    return backend


@pytest.mark.parametrize(
    ("root", "relaxed"),
    [
        (all_of("graph", "tree"), any_of("graph", "tree")),
        (all_of("graph", "tree", YEAR), And((any_of("graph", "tree"), YEAR))),
        (all_of("graph", "tree", without("wood")), And((any_of("graph", "tree"), without("wood")))),
        (all_of(title("graph"), "tree"), any_of(title("graph"), "tree")),
        (all_of(Phrase("a b"), Prefix("gra")), any_of(Phrase("a b"), Prefix("gra"))),
        (all_of("non-invasive", "brain"), any_of("non", "invasive", "brain")),
        (Term("non-invasive"), any_of("non", "invasive")),
        (Term("graph"), None),
        (all_of("graph", YEAR), None),
        (all_of(Exact("category", "cs.CL"), YEAR), None),
        (any_of("graph", "tree"), None),
        (Everything(), None),
    ],
)
def test_words_are_joined_by_or_and_filters_stay(backend: MemoryBackend, root: Node, relaxed: Node | None) -> None:
    assert relax(root, backend) == relaxed


def test_which_nodes_have_words() -> None:
    assert is_word(Author("Hinton", "G"))
    assert is_word(Or((Term("2017"), YEAR)))
    assert not is_word(Not(Term("graph")))
    assert not is_word(Range("date", None, None))


def test_a_long_text_is_cut_to_its_rarest_known_words(backend: MemoryBackend) -> None:
    words = ["common", "rareword", "middle0", *(f"unknown{n}" for n in range(60))]
    root = all_of(*words)
    assert is_long(root)
    terms = [Term(word, field) for word in ("rareword", "middle0", "common") for field in ("title", "abstract")]
    assert relax(root, backend) == any_of(*terms)
    assert not is_long(all_of(*words[:MAX_WORDS]))


def test_without_known_words_some_unknown_ones_stay(backend: MemoryBackend) -> None:
    rarest = keep_rarest([Term(f"unknown{n}") for n in range(60)], backend, limit=5)
    assert len(rarest) == 5


def test_the_query_of_a_text_has_its_rarest_shared_words(backend: MemoryBackend) -> None:
    query = rare_terms_query(r"The rareword of common text and another, 2024, $\alpha$, x; nowhere", backend, limit=2)
    assert query.root == any_of("rareword", "text")
    assert rare_terms_query("", backend).root == Everything()
