"""Keywords of papers, computed with the document frequencies of the current index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.errors import IndexDamaged, IndexMissing, IndexUnreadable
from search.ranking.keywords import N_KEYWORDS, QUERY_FREQUENCY, Keyword, extract_keywords


def keywords_of(title: str, abstract: str, *, engine: SearchBackend | None = None) -> tuple[Keyword, ...]:
    """The keywords of a paper that other papers have too; none without an index."""
    return next(keywords_of_each([(title, abstract)], engine=engine), ())


def keywords_of_each(
    texts: Iterable[tuple[str, str]], *, engine: SearchBackend | None = None
) -> Iterator[tuple[Keyword, ...]]:
    """The same for many papers, each a title and an abstract; yields nothing without an index."""
    index = engine or search_backend()
    try:
        n_documents = index.count()
    except (IndexMissing, IndexDamaged, IndexUnreadable):
        return
    for title, abstract in texts:
        yield extract_keywords(
            title,
            abstract,
            frequencies=index.document_frequencies,
            n_documents=n_documents,
            limit=N_KEYWORDS,
            min_frequency=QUERY_FREQUENCY,
            is_shown=True,
        )
