"""Text analysis, the same for every engine, for queries and for highlights. Start at :func:`tokenize`.

A text becomes two streams. The *main* stream holds every token in order: lower case, folded to ASCII, stemmed where
the field is stemmed. Phrases and BM25 use it. The *exact* stream holds each content word once, unstemmed, and its
accented form where there is one. It ranks ``training`` above ``trained`` and ``Schrödinger`` above ``Schrodinger``, and
prefixes and fuzzy words are looked up in it.

Engines receive a stream as tokens joined by spaces and split it at white space, so that all of them index the same
tokens. Indexing needs no offsets and takes a fast path (:func:`index_text`): it splits the text at characters that no
token contains and looks each piece up in a cache. :func:`tokenize` reads the same pieces and keeps offsets.

Rules, each with a regression test:

- Hyphens, slashes, dots and underscores separate: ``non-invasive`` is ``non`` and ``invasive``, adjacent.
- ``'s`` is dropped, other apostrophes separate: ``Alembert`` finds ``d'Alembert``.
- A TeX command is a token with its backslash (``\\alpha``), so it never matches a word of prose. Layout commands
  (``\\left``, ``\\mathrm``) are dropped. A lone Greek letter equals its command. Letters and numbers of a formula are
  plain tokens: ``$k$-means`` is ``k-means``, ``3872`` finds ``X(3872)``.
- ``C++`` and ``C#`` are words.
- A run of a script without spaces between words (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) yields each
  pair of adjacent characters, and its last character. Any two adjacent characters find it, and so does a single one
  (as a prefix). Vowel signs and tone marks belong to their letter (:mod:`search.text.scripts`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from search.text.recent import RecentWords
from search.text.scripts import (
    CLUSTER,
    INVISIBLE,
    MARKS,
    UNSPACED,
    UNSPACED_RUN,
    is_one_cluster,
    is_unspaced,
    normalize_cluster,
)
from search.text.words import GREEK_COMMANDS, LAYOUT_COMMANDS, STOP_WORDS

# Raise it with every change that yields other tokens or streams: an index of another version has to be rebuilt.
ANALYSIS_VERSION = 3
# Versions whose indexes are searched until they are rebuilt: most of their tokens are those of this version, and what
# differs is found less, not wrongly. 1 has no closed forms of compounds, and other tokens of Thai, Lao, Khmer and
# Burmese; 2 has no affiliations and report numbers.
READABLE_VERSIONS = (1, 2)

# Longer tokens are cut: they are not words, and engines limit the length of a term (tantivy: 65,530 bytes).
MAX_TOKEN_CHARS = 80

# Entries of each cache, about 100 bytes each. 98,000 papers have some 150,000 different pieces, of which most stand in
# one paper only.
_CACHE_LIMIT = 65_536
# Cached words of queries, some 600 bytes each: parsing, compiling, relaxing and highlighting each need their tokens.
_QUERY_CACHE = 4_096

LETTER = rf"[^\W_{UNSPACED}]"
_PIECE = re.compile(
    rf"{LETTER}(?:{LETTER}|[{MARKS}{INVISIBLE}])*(?:'s\b|\+\+|\#)?"  # a word, with the signs of C++ and C#
    r"|\\[a-z]+"  # a TeX command
    rf"|{UNSPACED_RUN}"
)

# ASCII characters that no token contains: splitting at them never splits a token.
_SEPARATORS = str.maketrans({chr(c): " " for c in range(128) if not (chr(c).isalnum() or chr(c) in "\\+#'")})

# Typographic characters, replaced by ASCII. Most texts are ASCII then, for which there are fast paths.
_PLAIN_FORMS = [(char, "'") for char in "’‘"] + [(char, "-") for char in "‐‑"]
_PLAIN_FORMS += [(char, " ") for char in "“”–—…×•·°′≥≤∼→±−\u00a0\u2009\u202f"]

# Letters that NFKD does not decompose and that people type in ASCII.
_FOLDED_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_stem = snowballstemmer.stemmer("english").stemWord


class Token(NamedTuple):
    """A word of a text. ``start`` and ``end`` are character offsets into the text as given.

    ``text`` is the main stream's stemmed token, ``folded`` the same before stemming, ``exact`` the word in
    lower case with its accents. For pairs of characters and TeX commands the three are equal.
    """

    text: str
    folded: str
    exact: str
    start: int
    end: int

    @property
    def is_stop_word(self) -> bool:
        return self.folded in STOP_WORDS

    @property
    def is_unspaced(self) -> bool:
        """Whether it is of a script without blanks between words: one or two characters of a run."""
        return is_unspaced(self.text)

    @property
    def is_half(self) -> bool:
        """Whether it is one character of such a script: an index has pairs, so it is looked up as their prefix."""
        return self.is_unspaced and is_one_cluster(self.text)


def lower(text: str) -> str:
    """Lower case of the same length, so that offsets hold (only ``İ`` would grow), with ASCII quotes and dashes."""
    if text.isascii():
        return text.lower()
    lowered = text.replace("İ", "I").lower()
    for char, plain in _PLAIN_FORMS:
        lowered = lowered.replace(char, plain)
    return lowered


def fold(word: str) -> str:
    """A lower-case word without its accents: ``schrödinger`` → ``schrodinger``, ``ﬁnite`` → ``finite``."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFKD", word).translate(_FOLDED_LETTERS)
    bare = "".join(c for c in plain if not (unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Zs")))
    return unicodedata.normalize("NFKC", bare).lower()[:MAX_TOKEN_CHARS]


def stem(folded: str) -> str:
    """English Snowball (Porter 2) stem; a word with anything but letters is returned as it is."""
    return str(_stem(folded)) if folded.isalpha() else folded


def tokenize(text: str) -> list[Token]:
    """Every token of a text in order, with offsets."""
    tokens: list[Token] = []
    for match in _PIECE.finditer(lower(text)):
        piece, start = match.group(), match.start()
        if is_unspaced(piece):
            tokens.extend(_unspaced_tokens(piece, start))
        else:
            word = _bare(piece)
            folded = _fold_piece(word)
            if folded:
                tokens.append(Token(stem(folded), folded, _compose(word), start, start + len(word)))
    return tokens


def query_tokens(text: str) -> tuple[Token, ...]:
    """Tokens to look up: those of :func:`tokenize`, without the last half of a run of characters at the end."""
    return _word_tokens(text) if len(text) <= MAX_TOKEN_CHARS else tuple(_without_last_half(tokenize(text)))


def is_plain_word(text: str) -> bool:
    """Whether a text consists of ASCII letters, as most words of queries do: then it is exactly one token."""
    return text.isascii() and text.isalpha()


def count_terms(text: str) -> int:
    """How many terms an engine looks up for a text, at least 1: ``non-invasive`` is two, 深度学习 three."""
    return 1 if is_plain_word(text) else max(1, len(query_tokens(text)))


def index_text(text: str) -> tuple[str, str]:
    """The main (stemmed) and the exact stream of a text, each as tokens joined by spaces."""
    pieces = _pieces(text)
    return " ".join(map(_STEMMED.__getitem__, pieces)), _exact_stream(set(pieces))


def index_folded(text: str) -> str:
    """The main stream of a field that is not stemmed: names, venues, journals, comments."""
    pieces = _pieces(text)
    joined = " ".join(pieces)
    if len(joined) <= MAX_TOKEN_CHARS and _is_plain(joined):
        return joined
    return " ".join(map(_FOLDED.__getitem__, pieces))


def stem_pieces(pieces: Iterable[str]) -> Iterable[str]:
    """The main stream of each piece of lower-case text (:func:`lower`), cached by piece."""
    return map(_STEMMED.__getitem__, pieces)


def accented_words(text: str) -> Iterable[str]:
    """The words of a text that have accents, in lower case."""
    return () if text.isascii() else (t.exact for t in tokenize(text) if t.exact != t.folded)


def _pieces(text: str) -> list[str]:
    """The parts between characters that no token contains. A piece can yield several tokens (``it's``, ``\\a\\b``)."""
    lowered = lower(text)
    return lowered.translate(_SEPARATORS).split() if lowered.isascii() else _PIECE.findall(lowered)


@lru_cache(maxsize=_QUERY_CACHE)
def _word_tokens(text: str) -> tuple[Token, ...]:
    return tuple(_without_last_half(tokenize(text)))


def _without_last_half(tokens: list[Token]) -> list[Token]:
    if len(tokens) > 1 and tokens[-1].is_unspaced and tokens[-2].end == tokens[-1].end:
        tokens.pop()
    return tokens


def _exact_stream(pieces: set[str]) -> str:
    """The exact stream of some pieces. Plain words are their own tokens; only other pieces are looked up."""
    pieces -= STOP_WORDS
    joined = " ".join(pieces)
    if _is_plain(joined):
        return joined
    odd = {piece for piece in pieces if not piece.isalnum() or not piece.isascii() or len(piece) > MAX_TOKEN_CHARS}
    return " ".join([*(pieces - odd), *map(_EXACT.__getitem__, odd)])


def _is_plain(joined: str) -> bool:
    """Whether pieces joined by spaces have only ASCII letters and digits: each is its own token before stemming."""
    return joined.isascii() and joined.replace(" ", "a").isalnum()


def _bare(piece: str) -> str:
    """A matched piece as a word: without a possessive ending, cut to the longest token."""
    if piece.endswith("'s"):
        piece = piece[:-2]
    return piece[:MAX_TOKEN_CHARS]


def _compose(word: str) -> str:
    """A word with composed accents (NFKC), without soft hyphens and zero-width characters."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c) not in ("Cf", "Zs"))


def _fold_piece(word: str) -> str:
    if word.startswith("\\"):
        return "" if word[1:] in LAYOUT_COMMANDS else word
    return GREEK_COMMANDS.get(word) or fold(word)


def _unspaced_tokens(run: str, start: int) -> Iterable[Token]:
    """Each pair of neighbouring characters, and the last one alone."""
    clusters = [match.span() for match in CLUSTER.finditer(run)]
    for (first, end), (_, pair_end) in zip(clusters, [*clusters[1:], clusters[-1]], strict=True):
        end = max(end, pair_end)
        if text := normalize_cluster(run[first:end]):
            yield Token(text, text, text, start + first, start + end)


def _stream_cache(word: Callable[[str], str], stream: Callable[[Token], Iterable[str]]) -> RecentWords[str]:
    """Piece → its tokens in a stream, joined by spaces. ``word`` is the fast path of most pieces: plain ASCII words."""

    def compute(piece: str) -> str:
        if piece.isascii() and piece.isalnum():
            value = word(piece[:MAX_TOKEN_CHARS])
        else:
            value = " ".join(text for token in tokenize(piece) for text in stream(token))
        return piece if value == piece else value  # share one string where a word is its own token

    return RecentWords(compute, limit=_CACHE_LIMIT)


def _exact_words(token: Token) -> Iterable[str]:
    if not (token.is_stop_word or token.is_unspaced):
        yield token.folded
        if token.exact != token.folded:
            yield token.exact


_STEMMED = _stream_cache(stem, lambda token: (token.text,))
_FOLDED = _stream_cache(lambda word: word, lambda token: (token.folded,))
_EXACT = _stream_cache(lambda word: "" if word in STOP_WORDS else word, _exact_words)
