"""Stars and preferences of readers, for lists and searches: an implementation of
:class:`coolpapers.papers.lookup.readers.Readers`.

The items of accounts are in the database. Other readers post their keywords and starred papers with the request, and
the server does not store them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from coolpapers.finding.paper_keywords import keywords_of_each
from coolpapers.papers.lookup.readers import Preferred, Readers
from coolpapers.papers.models import Paper
from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind
from coolpapers.people.state.selectors import most_starred, star_counts
from search.engines.registry import search_backend
from search.neural.dense import retrievers
from search.ranking.preference import MAX_KEYWORDS, MAX_STARRED, MAX_WEIGHT, Preference, order_by_preference

MAX_WORD = 60  # characters of a keyword
MAX_DESCRIBED = 100  # hidden papers whose keywords are computed, where there are no vectors


class AccountReaders(Readers):
    """Reads preferences from items."""

    def count_stars(self, keys: Collection[str]) -> Mapping[str, int]:
        return star_counts(keys) if keys else {}

    def starred_keys(self) -> Collection[str]:
        return list(Item.objects.active(Kind.STAR).values_list("key", flat=True).distinct())

    def most_starred(self, *, since: datetime, n_at_most: int) -> Sequence[str]:
        return most_starred(since=since, n_at_most=n_at_most)

    def order(self, request: HttpRequest, keys: Sequence[str]) -> Preferred:
        preference = read_preference(request)
        if preference.is_empty and not request.user.is_authenticated:
            return Preferred(keys, (_("This list is ranked by the stars and keywords in this browser."),))
        if preference.is_empty:
            note = _("Star papers or add keywords; this order then puts similar papers first.")
            return Preferred(keys, (note,))
        ranked = order_by_preference(
            keys, preference, engine=search_backend(), dense=retrievers["default"], words_of=_words_of
        )
        return Preferred(ranked.keys, ranked.notes)


def read_preference(request: HttpRequest) -> Preference:
    """The reader's preferences: of the account, or from the posted ``star``, ``hide`` and ``keyword`` (``word:2``)."""
    if request.user.is_authenticated:
        return _preference_of_items(request)
    return _preference_of_form(request.POST) if request.method == "POST" else Preference()


def _preference_of_items(request: HttpRequest) -> Preference:
    if request.user.pk is None:
        return Preference()
    items = Item.objects.filter(user_id=request.user.pk, deleted=False).order_by("-changed")
    starred = items.filter(kind=Kind.STAR).values_list("key", flat=True)[:MAX_STARRED]
    hidden = items.filter(kind=Kind.HIDE).values_list("key", flat=True)[:MAX_STARRED]
    words = items.filter(kind=Kind.KEYWORD).values_list("key", "value")[:MAX_KEYWORDS]
    return Preference({word: _weight(value.get("weight")) for word, value in words}, list(starred), list(hidden))


def _preference_of_form(form: QueryDict) -> Preference:
    words: dict[str, float] = {}
    for entry in form.getlist("keyword")[:MAX_KEYWORDS]:
        word, _colon, weight = entry.rpartition(":")
        if word.strip():
            words[word.strip()[:MAX_WORD]] = _weight(weight)
    return Preference(words, form.getlist("star")[:MAX_STARRED], form.getlist("hide")[:MAX_STARRED])


def _words_of(keys: Sequence[str]) -> Mapping[str, float]:
    """The most frequent keywords of these papers; a word of more papers weighs more."""
    texts = Paper.objects.filter(key__in=list(keys)[:MAX_DESCRIBED]).values_list("title", "abstract")
    counts = Counter(keyword.word for keywords in keywords_of_each(texts) for keyword in keywords)
    most = max(counts.values(), default=1)
    return {word: max(1.0, MAX_WEIGHT * n / most) for word, n in counts.most_common(MAX_KEYWORDS)}


def _weight(value: object) -> float:
    """A weight from a browser; 1 if it is not a number between 0 and 100."""
    try:
        weight = float(str(value))
    except ValueError:
        return 1.0
    return weight if 0 < weight < 100 else 1.0
