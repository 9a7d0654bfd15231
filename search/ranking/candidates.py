"""The candidates of one search, and what is known of them. Start at :meth:`CandidateSearch.gather`.

Candidates are the best papers by BM25, the nearest papers by meaning, and the best papers by BM25 that contain some of
the words and are similar enough. The index is asked twice for them, beside the search for the matches, and the vectors
once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from django.conf import settings

from search.base.aliases import Ranking, Rankings
from search.engines.base import Search, SearchBackend
from search.engines.compiling import has_content
from search.engines.results import Request
from search.engines.streams import ABSTRACT, TITLE
from search.language.meaning import filters_of
from search.language.query import And, Constant, Everything, Keys, Node, Or, Term, conjuncts
from search.ranking.coverage import coverage_search, shares_of
from search.ranking.name_matches import find_holders, name_searches
from search.ranking.relaxing import relax
from search.ranking.stages import Stages

# The score of a match in a search for papers that meet the conditions of a query.
_MATCHES = 2.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """The unordered candidates of one search: ``rankings`` are what :func:`search.ranking.pools.fuse` joins, by name.

    ``extras`` and ``similarity`` are those of a pool. ``missing`` are matches with the rare names of the query
    that are no candidates, the best by words first.
    """

    keys: Sequence[str]
    extras: frozenset[str]
    similarity: Mapping[str, float]
    rankings: Rankings
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CandidateSearch:
    """A query, with the index and the stages that answer it.

    Attributes
    ----------
    root : the query's tree, filters included
    words : the query in words (:func:`search.language.meaning.free_words`), which an encoder reads
    known : the best papers by BM25 of trees that were searched already, with their scores: SEARCH_DEPTH at most of
        ``root``, and as many as :func:`search.ranking.name_matches.name_searches` asks for of a name
    """

    engine: SearchBackend
    root: Node
    words: str
    stages: Stages
    known: Mapping[Node, Ranking] = field(default_factory=dict)

    def gather(self) -> Candidates:
        """The candidates with the rankings to fuse.

        Raises
        ------
        IndexMissing, IndexDamaged
            If there is no index to ask.
        StageUnavailable
            If the similarities cannot be computed.
        """
        return self._gather(self.begin("dense"))

    def any_word(self) -> Node:
        """The query "any of these words", cut to the rarest where there are many; a word counts once per occurrence.

        This is also the tree that a search without a hit is relaxed to. Without repetitions, long questions rank
        worse (CISI: nDCG@10 .31 instead of .37).
        """
        terms = [Term(word) for word in self.words.split()]
        tree = And(tuple(terms)) if len(terms) > 1 else terms[0]
        return relax(tree, self.engine) or tree

    # ---- candidates ------------------------------------------------------------------------------

    def begin(self, mode: str) -> Beginning:
        """What is asked of the index before the vectors are: one round trip after the search for the matches.

        Names do not matter in the mode ``dense``.
        """
        conditions, any_word = filters_of(self.root), self.any_word()
        some_words = any_word if isinstance(conditions, Everything) else And((any_word, conditions))
        known = dict(self.known)
        if self.root not in known:
            known[self.root] = self.engine.search(self.root, _best()).ranking()
        matched = [key for key, _score in known[self.root]]
        in_text = self._in_text(matched) if mode != "dense" else None
        names = name_searches(self.engine, self.words).values() if mode != "dense" else ()
        unknown = {tree: request for tree, request in ((some_words, _best()), *names) if tree not in known}
        found = self.engine.search_many([*([in_text] if in_text else []), *unknown.items()])
        is_for_names = in_text is not None and 2 * len(found.pop(0).hits) < len(matched)
        known |= {tree: result.ranking() for tree, result in zip(unknown, found, strict=True)}
        held = find_holders(self.engine, self.words, known=known) if mode != "dense" else ((), frozenset[str]())
        return Beginning(conditions, any_word, some_words, matched, known, is_for_names, *held)

    def _in_text(self, matched: Sequence[str]) -> Search | None:
        """The search for the matches that have all words in title and abstract; None if it need not be asked.

        If most matches have some of the words elsewhere, the query is for names of authors or venues. Stop words do not
        count: a paper need not contain the ``how`` of a question.
        """
        words = [node for node in conjuncts(self.root) if isinstance(node, Term)]
        texts = [word.text for word in words if word.field is None and has_content(word)]
        if not texts or not matched:
            return None
        return _among(And(tuple(Or((Term(text, TITLE.name), Term(text, ABSTRACT.name))) for text in texts)), matched)

    def _gather(self, begun: Beginning) -> Candidates:
        """The candidates. The index is asked once more, for what all rankings by words need."""
        matched = begun.matched
        full_matches = frozenset(matched)
        partial = [key for key, _score in begun.known[begun.some_words] if key not in full_matches]
        similar, similarity = self.stages.run("dense", lambda: self._similar(matched, partial))
        added = sorted(similar - full_matches)
        holding = sorted(begun.holders - full_matches - similar)
        judged = self._judge(begun, added=added, holding=holding)
        keys = [*matched, *(key for key in added if key in judged.allowed)]
        values = {"bm25": judged.scores, "coverage": judged.coverage, "dense": similarity}
        of_keys = {name: {key: of[key] for key in keys if key in of} for name, of in values.items()}
        similarity = of_keys["dense"]
        rankings = {name: by_score(scores) for name, scores in of_keys.items()}
        missing = by_score({key: judged.scores.get(key, 0.0) for key in holding if key in judged.members})
        extras = frozenset(key for key in keys if key in judged.allowed and key not in judged.members)
        return Candidates(keys, extras, similarity, rankings, [key for key, _score in missing])

    def _judge(self, begun: Beginning, *, added: Sequence[str], holding: Sequence[str]) -> _Judged:
        """What the words say of the candidates, in one round trip.

        ``added`` are similar papers, ``holding`` papers with the names of the query; none of them is in ``matched``.
        """
        others = [*added, *holding]
        scores = begun.scores_of_any_word()
        unscored = [key for key in (*begun.matched, *others) if key not in scores]
        meets_all = isinstance(begun.conditions, Everything)
        is_any_word = meets_all and self.root == begun.any_word
        searches = {
            "members": None if is_any_word else self._membership(begun.conditions, others),
            "words": _among_scored(begun.any_word, unscored),
            "coverage": coverage_search(self.engine, self.words, [*begun.matched, *added]),
        }
        asked = {name: search for name, search in searches.items() if search}
        found = dict(zip(asked, self.engine.search_many(list(asked.values())), strict=True))
        if "words" in found:
            scores |= dict(found["words"].ranking())
        hits = found["members"].hits if "members" in found else ()
        members = set(scores) if is_any_word else {hit.key for hit in hits if hit.score >= _MATCHES}
        allowed = set(added) if meets_all else {hit.key for hit in hits}
        coverage = dict(shares_of(found["coverage"])) if "coverage" in found else {}
        return _Judged(members, allowed, scores, coverage)

    def _membership(self, conditions: Node, keys: Sequence[str]) -> Search | None:
        """The search for the papers among ``keys`` that meet the conditions; matches of the query score _MATCHES."""
        if isinstance(conditions, Everything):
            return _among(self.root, keys, score=_MATCHES)
        # A match meets the conditions.
        return _among_scored(Or((Constant(conditions, _MATCHES / 2), Constant(self.root, _MATCHES))), keys)

    def _similar(self, matched: Sequence[str], partial: Sequence[str]) -> tuple[set[str], dict[str, float]]:
        """Keys of papers of similar meaning, and the similarity of these and of the matched papers.

        They are the nearest papers of the library, and the partial matches that are similar enough.
        """
        vectors = self.stages.vectors
        nearest, similarity = vectors.retrieve_among(self.words, [*matched, *partial], depth=settings.SEARCH_DEPTH)
        floor = self.stages.dense.min_query_similarity
        return {
            *(key for key, _score in nearest),
            *(key for key in partial if similarity.get(key, -1.0) >= floor),
        }, similarity


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known before the vectors are asked.

    Attributes
    ----------
    conditions : the conditions of the query, which papers of similar meaning meet
    some_words : the query "any of the words", with the conditions
    matched : the best papers that match the query
    known : the best papers of all trees searched so far
    is_for_names : the query is for names of authors or venues
    names, holders : rare names in the query, and the papers that contain them
    """

    conditions: Node
    any_word: Node
    some_words: Node
    matched: Sequence[str]
    known: Mapping[Node, Ranking]
    is_for_names: bool
    names: tuple[str, ...]
    holders: frozenset[str]

    def scores_of_any_word(self) -> dict[str, float]:
        """The scores by any word that the searches so far have told."""
        return dict(self.known.get(self.any_word, ()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """``members`` match the query, ``allowed`` meet its conditions; ``scores`` are BM25 of any of the words,
    ``coverage`` their share."""

    members: Set[str]
    allowed: Set[str]
    scores: Mapping[str, float]
    coverage: Mapping[str, float]


def _best() -> Request:
    """The best papers by BM25, SEARCH_DEPTH at most."""
    return Request(top_k=settings.SEARCH_DEPTH, with_total=False)


def _among(tree: Node, keys: Sequence[str], *, score: float = 1.0) -> Search | None:
    """The search for the papers among ``keys`` that a tree matches, each with this score; None without keys."""
    return _among_scored(Constant(tree, score), keys)


def _among_scored(tree: Node, keys: Sequence[str]) -> Search | None:
    """The search for the papers among ``keys`` that a tree matches, with the tree's scores; None without keys."""
    if not keys:
        return None
    return And((tree, Keys(frozenset(keys)))), Request(top_k=len(keys), with_total=False)


def by_score(scores: Mapping[str, float]) -> Ranking:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
