"""The words of the papers that a reader has opened. Start at :func:`count_words`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from coolpapers.finding.paper_keywords import keywords_of_each
from coolpapers.papers.models import Paper

# Papers looked at, those opened last: about a millisecond each.
MAX_PAPERS = 500
WORDS_SHOWN = 60
N_SIZES = 5  # classes size-1 to size-5


@dataclass(frozen=True, slots=True)
class CountedWord:
    """A word, in how many of the papers it is among the ten best, and its size from 1 to N_SIZES."""

    word: str
    n_papers: int
    size: int


def count_words(keys: Sequence[str]) -> list[CountedWord]:
    """Keywords of the papers with these keys (the first MAX_PAPERS of them), most frequent first.

    Forms of one word count together and are shown as most of the papers write them; of words equally frequent the
    more telling come first.
    """
    wanted = list(dict.fromkeys(keys))[:MAX_PAPERS]
    texts = Paper.objects.filter(key__in=wanted).order_by("pk").values_list("title", "abstract")
    papers: Counter[str] = Counter()
    scores: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for keywords in keywords_of_each(texts.iterator(chunk_size=200)):
        for keyword in keywords:
            papers[keyword.token] += 1
            scores[keyword.token] += keyword.score  # type: ignore[assignment]  # a Counter of floats serves
            forms.setdefault(keyword.token, Counter())[keyword.word] += 1
    best = sorted(papers, key=lambda token: (-papers[token], -scores[token], token))[:WORDS_SHOWN]
    most, least = (papers[best[0]], papers[best[-1]]) if best else (1, 1)
    return [
        CountedWord(forms[token].most_common(1)[0][0], papers[token], _size(papers[token], least, most))
        for token in best
    ]


def _size(n_papers: int, least: int, most: int) -> int:
    """Sizes grow with the root of the count: a word ten times as frequent must not fill the picture."""
    if most == least:
        return (N_SIZES + 1) // 2
    share = (sqrt(n_papers) - sqrt(least)) / (sqrt(most) - sqrt(least))
    return 1 + round(share * (N_SIZES - 1))
