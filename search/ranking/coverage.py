"""How much of a query a paper speaks of at all. Pure but for the index. Start at :func:`cover`.

BM25 adds up words however unlike their shares are: three times the rarest word outweighs every other. Coverage asks of
each word only whether title or abstract has it ("covered query term ratio" of the LETOR features, weighted by idf).
"""

from __future__ import annotations

from collections.abc import Sequence

from search.base.aliases import Ranking
from search.engines.base import SearchBackend
from search.engines.bm25 import inverse_document_frequency
from search.engines.results import Request
from search.engines.streams import ABSTRACT, TITLE
from search.language.query import And, Constant, Keys, Node, Or, Term
from search.ranking.relaxing import MAX_WORDS
from search.text.analysis import query_tokens


def cover(engine: SearchBackend, words: str, keys: Sequence[str]) -> Ranking:
    """The share of a query's words that title or abstract of each paper has: (key, 0 to 1), best first.

    A word counts as its idf, once however often it is said; stop words and words that no paper has do not count, and
    of a long query the :data:`~search.ranking.relaxing.MAX_WORDS` rarest do. Papers without any are left out.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    tokens = {token.text: token.exact for token in query_tokens(words) if not token.is_stop_word}
    frequencies = [engine.document_frequencies(field.stream, tokens) for field in (TITLE, ABSTRACT)]
    known = {text: found for text in tokens if (found := max(of[text] for of in frequencies))}
    rarest = sorted(known, key=lambda text: (known[text], text))[:MAX_WORDS]
    if not rarest or not keys:
        return []
    n_documents = engine.count()
    idf = {text: inverse_document_frequency(n_documents, known[text]) for text in rarest}
    whole = sum(idf.values())
    said: list[Node] = [
        Constant(Or((Term(tokens[text], TITLE.name), Term(tokens[text], ABSTRACT.name))), idf[text] / whole)
        for text in rarest
    ]
    either = Or(tuple(said)) if len(said) > 1 else said[0]
    asked = And((either, Keys(frozenset(keys))))
    hits = engine.search(asked, Request(top_k=len(keys), with_total=False)).hits
    return [(hit.key, min(hit.score, 1.0)) for hit in hits]
