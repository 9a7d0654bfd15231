"""Coverage: the share of a query's words that a paper contains. Start at :func:`cover`.

BM25 sums the words' scores, so a paper that repeats one rare word can outscore a paper with all words. Coverage only
checks whether title or abstract contain a word ("covered query term ratio" of the LETOR features, weighted by idf).
"""

from __future__ import annotations

from collections.abc import Sequence

from search.base.aliases import Ranking
from search.engines.base import Search, SearchBackend
from search.engines.bm25 import inverse_document_frequency
from search.engines.results import EngineResult, Request
from search.engines.streams import ABSTRACT, TITLE
from search.language.query import And, Constant, Keys, Node, Or, Term
from search.ranking.relaxing import MAX_WORDS
from search.text.analysis import query_tokens


def cover(engine: SearchBackend, words: str, keys: Sequence[str]) -> Ranking:
    """The share of a query's words in title or abstract of each paper: (key, 0 to 1), best first.

    Words are weighted by idf; repetitions, stop words and words that no paper contains are ignored. Of a long query
    the :data:`~search.ranking.relaxing.MAX_WORDS` rarest words count. Papers without any of the words are left out.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    search = coverage_search(engine, words, keys)
    return shares_of(engine.search(*search)) if search else []


def coverage_search(engine: SearchBackend, words: str, keys: Sequence[str]) -> Search | None:
    """The search whose result :func:`shares_of` reads; None if no paper can contain any of the words."""
    tokens = {token.text: token.exact for token in query_tokens(words) if not token.is_stop_word}
    frequencies = [engine.document_frequencies(field.stream, tokens) for field in (TITLE, ABSTRACT)]
    frequency = {text: n for text in tokens if (n := max(of_field[text] for of_field in frequencies))}
    rarest = sorted(frequency, key=lambda text: (frequency[text], text))[:MAX_WORDS]
    if not rarest or not keys:
        return None
    n_documents = engine.count()
    idf = {text: inverse_document_frequency(n_documents, frequency[text]) for text in rarest}
    total_idf = sum(idf.values())
    shares: list[Node] = [
        Constant(Or((Term(tokens[text], TITLE.name), Term(tokens[text], ABSTRACT.name))), idf[text] / total_idf)
        for text in rarest
    ]
    any_word = Or(tuple(shares)) if len(shares) > 1 else shares[0]
    return And((any_word, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False)


def shares_of(result: EngineResult) -> Ranking:
    """The shares that a search for coverage has found: (key, 0 to 1), best first."""
    return [(hit.key, min(hit.score, 1.0)) for hit in result.hits]
