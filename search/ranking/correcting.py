"""Spelling corrections of queries ("Did you mean"). Start at :func:`correct_query`.

A word counts as misspelt if the index does not contain it, or if it is rare and a word one edit away is common: in
100,000 papers nearly every typing error occurs once or twice, and frequent ones a dozen times. Operators, fields,
quotes and filters stay. Names of authors are corrected to names of authors. A correction without hits is not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from search.engines.base import SearchBackend
from search.engines.results import Request
from search.engines.streams import AUTHOR, CLOSED_STREAMS, FIELDS
from search.errors import QueryTooLarge
from search.language.query import And, Author, Node, Or, Phrase, Term
from search.language.unparse import unparse
from search.text.analysis import Token, query_tokens

# Words looked up for one correction; each takes about 1 ms in an index of 100,000 papers.
MAX_LOOKUPS = 8
MIN_WORD_CHARS = 3
# A word of fewer letters is misspelt only if no paper has it: half of all short words are one edit apart.
MIN_KNOWN_CHARS = 4
# A word in at most so many papers is a typing error if a word one edit away is so many times as frequent.
RARE_PAPERS = ((3, 50), (25, 500))


def correct_query(
    root: Node, engine: SearchBackend, *, restrict: Callable[[Node], Node] = lambda tree: tree
) -> str | None:
    """The text of the corrected query; None if no word is misspelt, none has a correction, or it finds nothing.

    ``restrict`` adds the conditions that the search has beside its text, such as filters.
    """
    corrections = _Corrections(engine)
    corrected = _corrected(root, corrections, is_name=False)
    if corrected == root or not _has_hits(restrict(corrected), engine):
        return None
    return unparse(corrected)


def _has_hits(tree: Node, engine: SearchBackend) -> bool:
    try:
        return bool(engine.search(tree, Request(top_k=0)).total)
    except QueryTooLarge:  # the corrected words may have more tokens than those typed
        return False


@dataclass(slots=True)
class _Corrections:
    """Corrections of words from one index, each looked up once."""

    engine: SearchBackend
    cache: dict[tuple[str, bool], str] = field(default_factory=dict)

    def nearest(self, word: str, *, is_name: bool) -> str:
        """The word that was probably meant; the word itself if it is frequent enough or has no correction."""
        cache_key = word, is_name
        if cache_key not in self.cache:
            if len(self.cache) >= MAX_LOOKUPS:
                return word
            self.cache[cache_key] = self._look_up(word, is_name=is_name)
        return self.cache[cache_key]

    def _look_up(self, word: str, *, is_name: bool) -> str:
        frequency = self._frequency(word, is_name=is_name, enough=RARE_PAPERS[-1][0] + 1)
        ratio = next((ratio for n_papers, ratio in RARE_PAPERS if frequency <= n_papers), None)
        if ratio is None or (frequency and len(word) < MIN_KNOWN_CHARS):
            return word
        max_edits = 1 if frequency else 2
        candidates = self.engine.suggest(word, limit=1, is_name=is_name, max_edits=max_edits)
        if not candidates or not frequency:
            return candidates[0] if candidates else word
        enough = ratio * frequency
        is_common = self._frequency(candidates[0], is_name=is_name, enough=enough) >= enough
        return candidates[0] if is_common else word

    def _frequency(self, word: str, *, is_name: bool, enough: int) -> int:
        """The number of papers with the word, or a compound that it closes, in the field where it is most frequent.

        Further fields are not looked at once it is ``enough``; title and abstract come first.
        """
        if is_name:
            return self._count(AUTHOR.stream, word)
        stemmed = query_tokens(word)[0].text
        streams = [(field.stream, stemmed if field.is_stemmed else word) for field in FIELDS.values()]
        frequency = 0
        for stream, token in (*streams, *((stream, stemmed) for stream in CLOSED_STREAMS)):
            frequency = max(frequency, self._count(stream, token))
            if frequency >= enough:
                break
        return frequency

    def _count(self, stream: str, token: str) -> int:
        return self.engine.document_frequencies(stream, [token])[token]


def _corrected(node: Node, corrections: _Corrections, *, is_name: bool) -> Node:
    match node:
        case And(children):
            return And(tuple(_corrected(child, corrections, is_name=is_name) for child in children))
        case Or(children):  # "G. Hinton" without a field is the author or its words: both are names
            is_name = is_name or isinstance(children[0], Author)
            return Or(tuple(_corrected(child, corrections, is_name=is_name) for child in children))
        case Term(text, name):
            return Term(_corrected_text(text, corrections, is_name=is_name or name == AUTHOR.name), name)
        case Phrase(text, name):
            return Phrase(_corrected_text(text, corrections, is_name=name == AUTHOR.name), name)
        case Author(family, given):
            return Author(*(_corrected_text(part, corrections, is_name=True) for part in (family, given)))
        case _:
            return node


def _corrected_text(text: str, corrections: _Corrections, *, is_name: bool) -> str:
    for token in reversed(list(_correctable(text))):
        typed = text[token.start : token.end]
        if typed.isupper() and len(typed) < MIN_KNOWN_CHARS:  # an acronym
            continue
        correction = corrections.nearest(token.folded, is_name=is_name)
        if correction != token.folded:
            text = text[: token.start] + _in_case_of(typed, correction) + text[token.end :]
    return text


def _correctable(text: str) -> Iterator[Token]:
    """The words of a text that can be misspelt: not short, not CJK, no stop words."""
    for token in query_tokens(text):
        if (
            len(token.folded) >= MIN_WORD_CHARS
            and token.folded.isalpha()
            and not (token.is_unspaced or token.is_stop_word)
        ):
            yield token


def _in_case_of(typed: str, word: str) -> str:
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[:1].isupper() else word
