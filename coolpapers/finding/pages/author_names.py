"""Authors whose names begin as typed, for the search box. Start at :func:`complete_authors`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coolpapers.papers.models import Paper
from search.engines.base import SearchBackend
from search.engines.registry import search_backend
from search.engines.results import Request
from search.engines.streams import AUTHOR
from search.language.authors import read_author
from search.language.query import Term
from search.text.analysis import query_tokens, tokenize
from search.text.name_list import fits
from search.text.names import index_names
from search.text.scripts import is_unspaced

# A shorter beginning fits thousands of names; of Chinese, one character is a family name.
MIN_LETTERS = 2
MAX_WORDS = 5
# Names beyond those offered whose papers are counted: the search for "J. Smith" also finds every John Smith.
N_SPARE = 2
# Papers read for the spelling of a name.
N_SPELLINGS = 3
# Papers read for names whose readings are cut.
N_SAMPLED = 60
# Seconds that the first reader after a start waits until the list of names is made.
PATIENCE_S = 1.0
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
    engine.count()
    readings = engine.complete_names(typed, limit=limit + N_SPARE, wait_s=PATIENCE_S)
    names = _spellings({reading: engine.names_with(reading, limit=N_SPELLINGS) for reading in readings})
    if len(names) < limit and any(map(is_unspaced, typed)):
        names = list(dict.fromkeys([*names, *_names_beginning(engine, text, typed)]))[: limit + N_SPARE]
    counted = (AuthorName(name, _count_papers(engine, name)) for name in names)
    present = [author for author in counted if author.n_papers]
    return sorted(present, key=lambda author: -author.n_papers)[:limit]


def _name_words(text: str) -> list[str]:
    """The folded words of what may be a name; none where it is something else."""
    if any(char.isdigit() or char in _NO_NAME for char in text):
        return []
    tokens = query_tokens(text)
    if not 0 < len(tokens) <= MAX_WORDS:
        return []
    is_long_enough = tokens[-1].is_unspaced or sum(len(token.folded) for token in tokens) >= MIN_LETTERS
    return [token.folded for token in tokens] if is_long_enough else []


def _spellings(papers: dict[str, list[str]]) -> list[str]:
    """The most frequent spelling of each reading in some papers; none of a reading that no paper has any more."""
    keys = {key for keys in papers.values() for key in keys}
    authors = dict(Paper.objects.filter(key__in=keys).values_list("key", "authors"))
    names = (_spelling(reading, (authors.get(key, ()) for key in keys)) for reading, keys in papers.items())
    return list(dict.fromkeys(name for name in names if name))


def _names_beginning(engine: SearchBackend, text: str, typed: Sequence[str]) -> list[str]:
    """Names in scripts without blanks, whose readings may be cut: they have a "word" for each character."""
    hits = engine.search(Term(text, AUTHOR.name), Request(top_k=N_SAMPLED, with_total=False)).hits
    lists = Paper.objects.filter(key__in=[hit.key for hit in hits]).values_list("authors", flat=True)
    names = Counter(name for names in lists for name in names if not name.isascii() and _begins(name, typed))
    return [name for name, _ in names.most_common()]


def _begins(name: str, typed: Sequence[str]) -> bool:
    return fits([token.folded for token in tokenize(name)], typed)


def _spelling(reading: str, author_lists: Iterable[Sequence[str]]) -> str:
    fitting = (name for names in author_lists for name in names if reading in index_names([name])[1].split())
    return next((name for name, _ in Counter(fitting).most_common(1)), "")


def _count_papers(engine: SearchBackend, name: str) -> int:
    tree = read_author(name)
    return (engine.search(tree, Request(top_k=0)).total or 0) if tree is not None else 0
