"""Authors whose names begin as typed, for the search box. Start at :func:`complete_authors`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from coolpapers.papers.models import Paper
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.engines.results import Request
from search.language.authors import read_author
from search.language.query import And, Node, Prefix, Term
from search.text.analysis import query_tokens, tokenize

# A shorter beginning fits thousands of names; of Chinese, one character is a family name.
MIN_LETTERS = 3
MAX_WORDS = 5
# Papers looked at for the names in them, and names whose papers are counted.
N_SAMPLED = 60
N_COUNTED = 6
# Names taken from the index itself, which knows the most frequent ones.
N_READINGS = 4
_N_PER_READING = 5
_NO_NAME = frozenset(':"()[]{}*~_/\\=<>+')


@dataclass(frozen=True, slots=True)
class AuthorName:
    name: str  # as its papers spell it
    n_papers: int  # that the search for the author finds


def complete_authors(text: str, *, limit: int) -> list[AuthorName]:
    """Authors with a family or given name that begins with the last word typed, and with the words before it.

    The most frequent ones come first. ``Hin``, ``Geof``, ``Geoffrey Hin`` and ``Hinton Geo`` all offer Geoffrey Hinton.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    typed = _name_words(text)
    if not typed:
        return []
    engine = search_backend()
    names = Counter(name for name in _names_in(_candidate_keys(engine, typed)) if _begins(name, typed))
    frequent = [name for name, _ in names.most_common(N_COUNTED)]
    counted = [AuthorName(name, _count_papers(engine, name)) for name in frequent]
    return sorted(counted, key=lambda author: -author.n_papers)[:limit]


def _name_words(text: str) -> list[str]:
    """The folded words of what may be a name; none where it is something else."""
    if any(char.isdigit() or char in _NO_NAME for char in text):
        return []
    tokens = query_tokens(text)
    if not 0 < len(tokens) <= MAX_WORDS:
        return []
    is_long_enough = tokens[-1].is_unspaced or sum(len(token.folded) for token in tokens) >= MIN_LETTERS
    return [token.folded for token in tokens] if is_long_enough else []


def _candidate_keys(engine: SearchBackend, typed: Sequence[str]) -> list[str]:
    """Papers by the most frequent names that begin so, and some by any author who has the words."""
    *whole, last = typed
    trees: list[tuple[Node, int]] = [(_all_of(words), _N_PER_READING) for words in _frequent_readings(engine, typed)]
    trees.append((_all_of(whole, Prefix(last, "author")) if len(last) > 1 else _all_of(typed), N_SAMPLED))
    found = [engine.search(tree, Request(top_k=top_k, with_total=False)).hits for tree, top_k in trees]
    return list(dict.fromkeys(hit.key for hits in found for hit in hits))


def _frequent_readings(engine: SearchBackend, typed: Sequence[str]) -> list[list[str]]:
    """The words of the names whose family name begins as typed: alone, before or after the given names."""
    *whole, last = typed
    beginnings = {last, "|".join(typed)} if len(whole) == 1 else {"_".join(typed)}
    readings = {reading: n for start in beginnings for reading, n in engine.words("author_exact", start)}
    frequent = sorted((reading for reading in readings if "|" in reading), key=readings.__getitem__, reverse=True)
    fitting = (words for words in map(_words_of, frequent) if _fits(words, typed))
    return list(islice(fitting, N_READINGS))


def _words_of(reading: str) -> list[str]:
    return [word for word in reading.replace("|", "_").split("_") if word]


def _all_of(words: Sequence[str], *more: Node) -> Node:
    nodes = (*(Term(word, "author") for word in words), *more)
    return And(nodes) if len(nodes) > 1 else nodes[0]


def _names_in(keys: Sequence[str]) -> Iterator[str]:
    for authors in Paper.objects.filter(key__in=keys).values_list("authors", flat=True):
        yield from authors


def _begins(name: str, typed: Sequence[str]) -> bool:
    if name.isascii() and typed[-1] not in name.lower():  # most of a thousand names of a collaboration
        return False
    return _fits([token.folded for token in tokenize(name)], typed)


def _fits(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Whether a name has all words typed, the last one maybe unfinished."""
    left = list(words)
    for word in typed[:-1]:
        if word not in left:
            return False
        left.remove(word)
    return any(word.startswith(typed[-1]) for word in left)


def _count_papers(engine: SearchBackend, name: str) -> int:
    tree = read_author(name)
    return (engine.search(tree, Request(top_k=0)).total or 0) if tree is not None else 0
