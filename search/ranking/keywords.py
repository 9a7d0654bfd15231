"""Keywords of a paper: its best TF-IDF terms. Start at :func:`extract_keywords`.

Nothing is stored: keywords are computed on demand from the document frequencies of the search index
(docs/decisions/0007-keywords-are-not-stored.md).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from search.engines.streams import ABSTRACT, TITLE
from search.language.query import Everything, Node, Or, Term
from search.text.analysis import Token, query_tokens
from search.text.words import FUNCTION_WORDS

N_KEYWORDS = 10
# Weight of an occurrence in the title, relative to one in the abstract.
TITLE_WEIGHT = 3
# Least document frequency of a word to search with: a word of a single paper finds nothing else.
QUERY_FREQUENCY = 2
_NUMBER = re.compile(r"[0-9]+(?:st|nd|rd|th|[ekmbx])?[0-9]*")

# (stream, tokens) → number of documents with each token, as ``SearchBackend.document_frequencies``.
Frequencies = Callable[[str, Iterable[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of a paper.

    ``token`` is the indexed form (folded, stemmed), ``word`` the paper's most frequent spelling. ``count`` is the
    number of occurrences, those in the title counted TITLE_WEIGHT times. ``frequency`` is the number of papers with the
    word in title or abstract, including this one.
    """

    token: str
    word: str
    score: float
    count: int
    frequency: int


def extract_keywords(
    title: str,
    abstract: str,
    *,
    frequencies: Frequencies,
    n_documents: int,
    limit: int = N_KEYWORDS,
    min_frequency: int = 1,
    is_shown: bool = False,
) -> tuple[Keyword, ...]:
    """The best TF-IDF terms of a paper, best first; equal scores in alphabetical order.

    ``score(t) = (TITLE_WEIGHT · n(t, title) + n(t, abstract)) · ln(N / df(t))`` (Salton and Buckley 1988: raw term
    frequency, plain inverse document frequency). Stop words, numbers, TeX commands and single letters are left out.

    Parameters
    ----------
    frequencies : of tokens in the streams ``title`` and ``abstract``
    n_documents : N
    min_frequency : words of fewer papers are left out; :data:`QUERY_FREQUENCY` for words to search with
    is_shown : also leave out :data:`search.text.words.FUNCTION_WORDS`, for keywords that readers see
    """
    in_title, in_abstract = (_content_tokens(text, is_shown=is_shown) for text in (title, abstract))
    counts_title, counts_abstract = (Counter(token.text for token in tokens) for tokens in (in_title, in_abstract))
    tokens = counts_title.keys() | counts_abstract.keys()
    df_title, df_abstract = frequencies(TITLE.stream, tokens), frequencies(ABSTRACT.stream, tokens)
    scored = []
    for token in tokens:
        other_papers = max(df_title[token] - (token in counts_title), df_abstract[token] - (token in counts_abstract))
        df = max(df_title[token], df_abstract[token], other_papers + 1, 1)
        if df >= min_frequency:
            tf = TITLE_WEIGHT * counts_title[token] + counts_abstract[token]
            scored.append((tf * math.log(max(n_documents, df) / df), token, tf, df))
    best = sorted(scored, key=lambda item: (-item[0], item[1]))[:limit]
    chosen = {token for _, token, *_ in best}
    spellings = _spellings(title, in_title, chosen)
    spellings |= _spellings(abstract, in_abstract, chosen - spellings.keys())
    return tuple(Keyword(token, spellings[token], score, tf, df) for score, token, tf, df in best)


def keywords_query(keywords: Iterable[Keyword], *, max_count: int) -> Node:
    """Any of the words in title or abstract; a word of ``count`` n counts n times, at most ``max_count`` times."""
    fields = (TITLE.name, ABSTRACT.name)
    terms = [
        Term(keyword.word, field)
        for keyword in keywords
        for field in fields
        for _ in range(min(keyword.count, max_count))
    ]
    return Or(tuple(terms)) if terms else Everything()


def is_content_word(token: Token) -> bool:
    """Whether a token is not a stop word, number, TeX command or single letter."""
    text = token.folded
    if token.is_unspaced:
        return len(text) > 1
    return len(text) > 1 and text[0] != "\\" and not token.is_stop_word and not _NUMBER.fullmatch(text)


def _content_tokens(text: str, *, is_shown: bool) -> list[Token]:
    tokens = [token for token in query_tokens(text) if is_content_word(token)]
    return [token for token in tokens if token.folded not in FUNCTION_WORDS] if is_shown else tokens


def _spellings(text: str, tokens: Iterable[Token], chosen: Iterable[str]) -> dict[str, str]:
    """The most frequent spelling of each chosen token in a text; lower case if only the first letter is a capital."""
    forms: dict[str, Counter[str]] = {token: Counter() for token in chosen}
    for token in tokens:
        if token.text in forms:
            form = text[token.start : token.end]
            is_name = form.isupper() or any(map(str.isupper, form[1:]))  # BERT, C++, GraphQL
            forms[token.text][form if is_name else form.lower()] += 1
    return {token: counts.most_common(1)[0][0] for token, counts in forms.items() if counts}
