"""The sentence of an abstract that tells the result, for a card of a few lines: :func:`result_sentence`. Pure."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from coolpapers.reading.summarizers.sentences import split_sentences

# Phrases by which authors announce what they found and, weaker, what they did. Plain substrings: a page of cards looks
# for them in 25 abstracts, and a regular expression takes ten times as long.
_FINDERS = ("we ", "we also ", "we further ", "results ", "experiments ", "evaluation ", "evaluations ", "analysis ")
_FINDINGS = ("show", "prove", "find ", "demonstrate", "establish", "achieve", "obtain", "reveal", "confirm", "observe")
_RESULTS = (
    *("".join(words) for words in product(_FINDERS, _FINDINGS)),
    *("outperform", "results indicate", "results suggest", "is shown", "are shown", "we conclude"),
    *("结果表明", "实验表明", "结果显示", "证明", "优于"),
)
_DEEDS = (
    *("we propose", "we present", "we introduce", "we develop", "we study", "we describe", "we investigate"),
    *(
        "we construct",
        "we derive",
        "we consider",
        "we analyze",
        "we analyse",
        "this paper ",
        "this work ",
        "提出",
        "本文",
    ),
)
MIN_CHARACTERS = 40  # a shorter sentence ("Code is here.") says too little


@lru_cache(maxsize=4096)  # a day's list is rendered for many readers; an abstract takes 0.1 ms
def result_sentence(abstract: str) -> str:
    """The first sentence that announces a result, else the first one that says what was done, else the first one.

    >>> result_sentence("Graphs are large and hard to read. We show that a sketch of their paths is enough.")
    'We show that a sketch of their paths is enough.'
    """
    sentences = split_sentences(abstract)
    folded = abstract.lower()
    for phrases in (_RESULTS, _DEEDS):
        present = [phrase for phrase in phrases if phrase in folded]
        for sentence in sentences if present else ():
            if len(sentence) >= MIN_CHARACTERS and any(phrase in sentence.lower() for phrase in present):
                return sentence
    return sentences[0] if sentences else ""
