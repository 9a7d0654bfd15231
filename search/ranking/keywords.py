"""The words that stand for a paper: its best TF-IDF terms. Start at :func:`extract_keywords`.

Nothing is stored. Document frequencies are those of the search index, which every new paper updates anyway, and the
words are worked out from them when they are asked for (docs/decisions/0007-keywords-are-not-stored.md). Pure but
for the frequencies handed in.
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
# What a word of the title counts beside one of the abstract.
TITLE_WEIGHT = 3
# A word that no other paper has finds nothing.
QUERY_FREQUENCY = 2
_NUMBER = re.compile(r"[0-9]+(?:st|nd|rd|th|[ekmbx])?[0-9]*")

# How many documents have each token in a stream: ``SearchBackend.document_frequencies``.
Frequencies = Callable[[str, Iterable[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that stands for a paper.

    ``token`` is the word as the index has it (folded, stemmed), ``word`` as the paper writes it most often. ``count``
    is how often it does, the title's counting TITLE_WEIGHT times; ``frequency`` how many papers have it in title or
    abstract, this one among them.
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
    """The best TF-IDF terms of a paper, best first; equal ones in alphabetical order.

    ``score(t) = (TITLE_WEIGHT · n(t, title) + n(t, abstract)) · ln(N / df(t))`` (Salton and Buckley 1988: raw term
    frequency, plain inverse document frequency) over words; no stop words, numbers, TeX commands, single letters.

    Parameters
    ----------
    frequencies : of tokens in the streams ``title`` and ``abstract``
    n_documents : N
    min_frequency : words of fewer papers are left out; :data:`QUERY_FREQUENCY` for words to search with
    is_shown : the longer list of stop words (:data:`search.text.words.FUNCTION_WORDS`) holds, for readers' eyes
    """
    in_title, in_abstract = (_telling(text, is_shown=is_shown) for text in (title, abstract))
    counts_title, counts_abstract = (Counter(token.text for token in tokens) for tokens in (in_title, in_abstract))
    tokens = counts_title.keys() | counts_abstract.keys()
    df_title, df_abstract = frequencies(TITLE.stream, tokens), frequencies(ABSTRACT.stream, tokens)
    scored = []
    for token in tokens:
        others = max(df_title[token] - (token in counts_title), df_abstract[token] - (token in counts_abstract))
        df = max(df_title[token], df_abstract[token], others + 1, 1)
        if df >= min_frequency:
            tf = TITLE_WEIGHT * counts_title[token] + counts_abstract[token]
            scored.append((tf * math.log(max(n_documents, df) / df), token, tf, df))
    best = sorted(scored, key=lambda one: (-one[0], one[1]))[:limit]
    names = {token for _, token, *_ in best}
    written = _written(title, in_title, names)
    written |= _written(abstract, in_abstract, names - written.keys())
    return tuple(Keyword(token, written[token], score, tf, df) for score, token, tf, df in best)


def keywords_query(keywords: Iterable[Keyword], *, max_count: int) -> Node:
    """Any of the words, in title or abstract; a word that the paper repeats counts as often, at most ``max_count``."""
    fields = (TITLE.name, ABSTRACT.name)
    terms = [
        Term(keyword.word, field)
        for keyword in keywords
        for field in fields
        for _ in range(min(keyword.count, max_count))
    ]
    return Or(tuple(terms)) if terms else Everything()


def is_telling(token: Token) -> bool:
    """Whether a token can stand for a text: no stop word, number, TeX command or single letter."""
    text = token.folded
    if token.is_unspaced:
        return len(text) > 1
    return len(text) > 1 and text[0] != "\\" and not token.is_stop_word and not _NUMBER.fullmatch(text)


def _telling(text: str, *, is_shown: bool) -> list[Token]:
    tokens = [token for token in query_tokens(text) if is_telling(token)]
    return [token for token in tokens if token.folded not in FUNCTION_WORDS] if is_shown else tokens


def _written(text: str, tokens: Iterable[Token], wanted: Iterable[str]) -> dict[str, str]:
    """Each wanted token as the text writes it most often; the capital that only begins a word is not kept."""
    forms: dict[str, Counter[str]] = {token: Counter() for token in wanted}
    for token in tokens:
        if token.text in forms:
            form = text[token.start : token.end]
            is_name = form.isupper() or any(map(str.isupper, form[1:]))  # BERT, C++, GraphQL
            forms[token.text][form if is_name else form.lower()] += 1
    return {token: found.most_common(1)[0][0] for token, found in forms.items() if found}
