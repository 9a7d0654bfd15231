"""Did you mean: the query with misspelt words replaced by near ones of the index. Start at :func:`correct_query`.

A word is misspelt where the index does not have it, or hardly has it while a word one edit away is common: in
100,000 papers nearly every slip of the keyboard occurs once or twice. Operators, fields, quotes and filters stay;
names of authors are corrected to names of authors. A correction that finds no paper is not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from search.engines.base import SearchBackend
from search.engines.results import Request
from search.engines.streams import AUTHOR, CLOSED_STREAMS, FIELDS
from search.errors import QueryTooLarge
from search.language.query import And, Author, Node, Or, Phrase, Term
from search.language.unparse import unparse
from search.text.analysis import Token, query_tokens

# Words looked up for one suggestion; each costs about 1 ms in an index of 100,000 papers.
MAX_LOOKUPS = 8
MIN_WORD_CHARS = 4
# A word of so few papers is taken for a slip where a word one edit away has so many times as many.
RARE_PAPERS = 3
COMMON_RATIO = 50


def correct_query(
    root: Node, backend: SearchBackend, *, restrict: Callable[[Node], Node] = lambda tree: tree
) -> str | None:
    """The text of the corrected query; None where no word is misspelt, none has a near one, or it finds nothing.

    ``restrict`` adds the conditions that the search has beside its text, such as filters.
    """
    corrections = _Corrections(backend)
    corrected = _corrected(root, corrections, is_name=False)
    if corrected == root or not _has_hits(restrict(corrected), backend):
        return None
    return unparse(corrected)


def _has_hits(tree: Node, backend: SearchBackend) -> bool:
    try:
        return bool(backend.search(tree, Request(top_k=0)).total)
    except QueryTooLarge:  # the corrected words may have more tokens than those typed
        return False


@dataclass(slots=True)
class _Corrections:
    """Near words of one index, each looked up once."""

    backend: SearchBackend
    found: dict[tuple[str, bool], str] = field(default_factory=dict)

    def nearest(self, word: str, *, is_name: bool) -> str:
        """The word that was probably meant; the word itself where it is known or nothing is near."""
        place = word, is_name
        if place not in self.found:
            if len(self.found) >= MAX_LOOKUPS:
                return word
            self.found[place] = self._look_up(word, is_name=is_name)
        return self.found[place]

    def _look_up(self, word: str, *, is_name: bool) -> str:
        frequency = self._frequency(word, is_name=is_name)
        if frequency > RARE_PAPERS:
            return word
        near = self.backend.suggest(word, limit=1, is_name=is_name)
        if not near or not frequency:
            return near[0] if near else word
        is_slip = OSA.distance(word, near[0]) == 1 and self._frequency(near[0], is_name=is_name) >= (
            COMMON_RATIO * frequency
        )
        return near[0] if is_slip else word

    def _frequency(self, word: str, *, is_name: bool) -> int:
        """Papers with the word or a compound that it closes, in the field where it has most."""
        if is_name:
            return self._count(AUTHOR.stream, word)
        stemmed = query_tokens(word)[0].text
        found = [self._count(place.stream, stemmed if place.is_stemmed else word) for place in FIELDS.values()]
        return max(*found, *(self._count(stream, stemmed) for stream in CLOSED_STREAMS))

    def _count(self, stream: str, token: str) -> int:
        return self.backend.document_frequencies(stream, [token])[token]


def _corrected(node: Node, corrections: _Corrections, *, is_name: bool) -> Node:
    match node:
        case And(children):
            return And(tuple(_corrected(child, corrections, is_name=is_name) for child in children))
        case Or(children):  # "G. Hinton" without a field is that author or its words: both names, corrected alike
            is_name = is_name or isinstance(children[0], Author)
            return Or(tuple(_corrected(child, corrections, is_name=is_name) for child in children))
        case Term(text, name):
            return Term(_respelt(text, corrections, is_name=is_name or name == AUTHOR.name), name)
        case Phrase(text, name):
            return Phrase(_respelt(text, corrections, is_name=name == AUTHOR.name), name)
        case Author(family, given):
            return Author(*(_respelt(part, corrections, is_name=True) for part in (family, given)))
        case _:
            return node


def _respelt(text: str, corrections: _Corrections, *, is_name: bool) -> str:
    for token in reversed(list(_spellable(text))):
        typed = text[token.start : token.end]
        near = corrections.nearest(token.folded, is_name=is_name)
        if near != token.folded:
            text = text[: token.start] + _in_case_of(typed, near) + text[token.end :]
    return text


def _spellable(text: str) -> Iterator[Token]:
    """The words of a text that could be misspelt: of some letters, and no Chinese."""
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
