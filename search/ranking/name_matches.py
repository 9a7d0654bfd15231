"""Names in a query: papers that contain them stand before papers near in meaning. Start at :func:`find_holders`.

An encoder does not know rare names, formulas and identifiers (``X(3872)``, ``BERT4Rec``): it ranks texts of similar
letters or of a vaguely similar subject, at times above the papers that contain the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from search.base.aliases import Ranking
from search.engines.base import Search, SearchBackend
from search.engines.compiling import has_content
from search.engines.results import Request
from search.fusion import Parts
from search.language.query import Node, Or, Phrase, Term
from search.text.analysis import query_tokens
from search.text.compounds import closed_readings

# A word of more papers than this is no rare name, whatever it looks like (GPT-4, LoRA). In small libraries the number
# counts, but only for words that look like names: any word is rare there.
RARE_SHARE = 0.005
MIN_RARE = 5
MAX_WORDS = 8  # of a query with names: in sentences and questions, a name is one condition among others
_EDGES = ".,;:!?\"'“”‘’"


@dataclass(frozen=True, slots=True)
class NamesFirst:
    """Where the papers that contain the names of a query end: the first ``n_papers`` of the order contain them.

    0 papers: none contains the names, though some contain their parts.
    """

    names: tuple[str, ...]
    n_papers: int


def names_of(words: str) -> tuple[str, ...]:
    """The words of a query that look like names, in order.

    These have letters and digits, or a capital inside, or are the only capitalised word among others; and a query of
    one word is a name. A query of more than :data:`MAX_WORDS` words has none.

    >>> names_of("BERT4Rec negative sampling"), names_of("X(3872)"), names_of("kagome")
    (('BERT4Rec',), ('X(3872)',), ('kagome',))
    >>> names_of("graph neural networks"), names_of("dictionary of Kristang verbs")
    ((), ('Kristang',))
    """
    typed = [word for part in words.split() if (word := part.strip(_EDGES))]
    if len(typed) > MAX_WORDS:
        return ()
    if len(typed) == 1:
        return tuple(typed)
    capitalised = [word for word in typed[1:] if word[0].isupper() and word[1:].islower()]
    is_title = len(capitalised) > 1 or not any(word.islower() for word in typed)
    return tuple(dict.fromkeys(word for word in typed if is_code(word) or (word in capitalised and not is_title)))


def name_searches(engine: SearchBackend, words: str) -> dict[str, Search]:
    """The search for the papers that contain a name, for each name of a query that may be rare.

    It asks for one paper more than a rare name has.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    names = names_of(words)
    share = int(RARE_SHARE * engine.count()) if names else 0
    searches = {}
    for name in names:
        limit = min(settings.SEARCH_DEPTH - 1, max(share, MIN_RARE if is_code(name) else 0))
        if limit >= 1 and has_content(Term(name)):
            searches[name] = (_containing(name), Request(top_k=limit + 1, with_total=False))
    return searches


def find_holders(
    engine: SearchBackend, words: str, *, known: Mapping[Node, Ranking] | None = None
) -> tuple[tuple[str, ...], frozenset[str]]:
    """The rare names of a query, and the keys of the papers that contain all of them.

    A name that many papers contain, or none, is not counted. Both are empty where no name is left. But if only names of
    several parts are left that no paper contains (``SO(10)``), these are returned without keys: papers may contain the
    parts.

    Parameters
    ----------
    known
        Trees that were searched already, and their best papers: as many as :func:`name_searches` asks for.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    searches = name_searches(engine, words)
    known = dict(known or {})
    unknown = [search for search in searches.values() if search[0] not in known]
    for (tree, _request), result in zip(unknown, engine.search_many(unknown), strict=True):
        known[tree] = result.ranking()
    rare, absent = {}, []
    for name, (tree, request) in searches.items():
        keys = [key for key, _score in known[tree]]
        if 0 < len(keys) < request.top_k:
            rare[name] = frozenset(keys)
        elif not keys and not isinstance(tree, Term):
            absent.append(name)
    if not rare:
        return tuple(absent), frozenset()
    holders: frozenset[str] = frozenset.intersection(*rare.values())
    return (tuple(rare), holders) if holders else ((), frozenset())


def _containing(name: str) -> Node:
    """What the papers that contain a name match. The words of ``C4.5`` stand side by side: a paper with ``C4``, and
    with a 5 elsewhere, lacks it. One that writes ``XR-3872`` as ``XR3872`` does not."""
    if len(query_tokens(name)) < 2:
        return Term(name)
    closed = [tokens[0].folded for tokens in closed_readings(name) if len(tokens) == 1]
    return Or((Phrase(name), *map(Term, dict.fromkeys(closed)))) if closed else Phrase(name)


def put_first(ordered: Ranking, parts: Parts, holders: frozenset[str]) -> tuple[Ranking, Parts]:
    """The ranking with the papers of ``holders`` first; the order within both groups stays.

    Their score is raised above that of the others, and so is their part for coverage: the sums of the parts keep the
    order of the ranking.
    """
    first = [(key, score) for key, score in ordered if key in holders]
    others = [(key, score) for key, score in ordered if key not in holders]
    if not first or not others:
        return ordered, parts
    gain = max(0.0, max(score for _key, score in others) - min(score for _key, score in first))
    raised = {key: score + gain for key, score in first}
    coverage = dict(parts.get("coverage", {}))
    coverage |= {key: coverage.get(key, 0.0) + gain for key in raised}
    return [*raised.items(), *others], {**parts, "coverage": coverage} if gain else parts


def is_code(word: str) -> bool:
    """Whether a word has letters and digits, or a capital after a small letter, or is an acronym with other signs."""
    has_letter, has_digit = any(map(str.isalpha, word)), any(map(str.isdigit, word))
    return (has_letter and has_digit) or bool(re.search(r"[a-zà-ÿ][A-Z]|^[A-Z]-?[A-Z]{2,}|[A-Z]{2,}[a-z]", word))
