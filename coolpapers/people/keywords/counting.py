"""Count the keywords of a set of papers. Start at :func:`count_keywords`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from coolpapers.finding.paper_keywords import keywords_of_each
from coolpapers.papers.models import Paper

MAX_PAPERS = 500  # the latest opened; each takes about a millisecond
MAX_WORDS = 60
N_SIZES = 5  # CSS classes size-1 to size-5


@dataclass(frozen=True, slots=True)
class CountedWord:
    """A keyword, the number of papers that have it among their ten keywords, and its size from 1 to N_SIZES."""

    word: str
    n_papers: int
    size: int


def count_keywords(keys: Sequence[str]) -> list[CountedWord]:
    """Keywords of the first MAX_PAPERS papers with these keys, most frequent first, ties by keyword score.

    Inflected forms of a word are counted together and shown in their most frequent form.
    """
    counted_keys = list(dict.fromkeys(keys))[:MAX_PAPERS]
    texts = Paper.objects.filter(key__in=counted_keys).order_by("pk").values_list("title", "abstract")
    papers: Counter[str] = Counter()
    scores: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for keywords in keywords_of_each(texts.iterator(chunk_size=200)):
        for keyword in keywords:
            papers[keyword.token] += 1
            scores[keyword.token] += keyword.score  # type: ignore[assignment]  # a Counter of floats serves
            forms.setdefault(keyword.token, Counter())[keyword.word] += 1
    best = sorted(papers, key=lambda token: (-papers[token], -scores[token], token))[:MAX_WORDS]
    most, least = (papers[best[0]], papers[best[-1]]) if best else (1, 1)
    return [
        CountedWord(forms[token].most_common(1)[0][0], papers[token], _size(papers[token], least, most))
        for token in best
    ]


def _size(n_papers: int, least: int, most: int) -> int:
    """The size grows with the square root of the count, so that a very frequent word does not fill the picture."""
    if most == least:
        return (N_SIZES + 1) // 2
    share = (sqrt(n_papers) - sqrt(least)) / (sqrt(most) - sqrt(least))
    return 1 + round(share * (N_SIZES - 1))
