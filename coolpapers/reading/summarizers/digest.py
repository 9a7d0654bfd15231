"""Extractive summaries without a model: the most central sentences, grouped by the question that each answers.

Sentences are ranked by LexRank (Erkan and Radev, JAIR 22, 2004) in its query-biased form (Otterbacher, Erkan
and Radev, HLT 2005): the stationary distribution of a random walk over sentences, whose steps follow
TF-IDF cosine similarity and whose restarts favour sentences like the title. The
question that a sentence answers is determined by cue phrases and its place, as in argumentative zoning (Teufel and
Moens, Computational Linguistics 28, 2002). Near-duplicates are left out.

Sentences are unchanged and formulas are not split. Pure functions.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from coolpapers.papers.names.stop_words import STOP_WORDS
from coolpapers.reading.markup.math.spans import split_math
from coolpapers.reading.summarizers.sentences import split_sentences

RESTART = 0.15  # damping of LexRank, section 3.2
TITLE_WEIGHT = 0.5  # share of restarts by similarity to the title; the rest is uniform
REPETITION = 0.7  # cosine from which two sentences are duplicates
MAX_SENTENCES = 400  # of a full text; the similarity matrix is quadratic
PER_QUESTION = 2
FROM_FULL_TEXT = 4

# Lines of a PDF's text that are headings: numbered ones, and those every paper has.
_HEADING = re.compile(
    r"^[ \t]*(?:(?:\d+(?:\.\d+)*\.?|[IVX]+\.|[A-Z]\.)[ \t]+[A-Z][^\n]{2,80}|abstract|introduction|conclusions?"
    r"|discussion|related work|acknowledge?ments?)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_REFERENCES = re.compile(r"^[ \t]*(?:references|bibliography|参考文献)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(r"[^\W\d_]{2,}|[\u3400-\u9fff]")
_CJK = re.compile(r"[\u3400-\u9fff]")


class Question(Enum):
    """Questions in reading order. The value is the relative range of the text in which answers mostly stand."""

    PROBLEM = (0.0, 0.4)
    METHOD = (0.2, 0.75)
    RESULT = (0.55, 1.0)


_CUES = {
    Question.PROBLEM: re.compile(
        r"\b(?:however|challeng\w+|problem|remains?|lack|difficult\w*|limited|unclear|unknown|despite|although|important"
        r"|crucial|gap|existing|prior|previous|question|task)\b|然而|但是|问题|挑战|困难|现有|缺乏|尚未|目前",
        re.IGNORECASE,
    ),
    Question.METHOD: re.compile(
        r"\b(?:we (?:propose|present|introduce|develop|design|describe|study|consider|investigate|extend|construct|use)"
        r"|(?:this|the) (?:paper|work|article|study) (?:propos|present|introduc|develop|describ|stud|investigat)\w+"
        r"|is proposed|novel|our (?:method|approach|model|framework|algorithm|idea)|based on|by using|consists? of)\b"
        r"|提出|本文|我们(?:设计|构建|引入|采用|研究)|方法|基于|利用|通过",
        re.IGNORECASE,
    ),
    Question.RESULT: re.compile(
        r"\b(?:results?|experiments?|show(?:s|n|ed)?|demonstrat\w+|outperform\w*|achiev\w+|improv\w+|prove[sd]?|find(?:s|ings)?"
        r"|found|observe[sd]?|obtain\w*|state-of-the-art|accuracy|conclude|evaluat\w+|significant\w*|yields?)\b"
        r"|\d+(?:\.\d+)?\s*\\?%|实验|结果|表明|证明|优于|提升|达到|显示|验证",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class Digest:
    """Sentences by question, in the order of the text; sentences of a full text are separate."""

    answers: dict[Question, list[str]]
    from_full_text: list[str]


def digest(*, title: str, abstract: str, full_text: str = "") -> Digest:
    """Choose sentences of an abstract and, where there is one, of a full text.

    An abstract of at most three sentences is used as a whole. Both texts may be empty.
    """
    sentences = split_sentences(abstract)
    answers = _assign(sentences, rank(sentences, title=title))
    further = _from_full_text(title=title, full_text=full_text, abstract=sentences) if full_text else []
    return Digest(answers, further)


def rank(sentences: Sequence[str], *, title: str) -> list[float]:
    """LexRank of each sentence, biased to the title; the scores sum to 1.

    Returns
    -------
    list of float, one per sentence
    """
    if not sentences:
        return []
    vectors = _tf_idf([_terms(sentence) for sentence in sentences])
    similarities = [_cosine(vector, Counter(_terms(title))) for vector in vectors]
    total = sum(similarities)
    n = len(sentences)
    restart = [
        (1 - TITLE_WEIGHT) / n + (TITLE_WEIGHT * value / total if total else TITLE_WEIGHT / n) for value in similarities
    ]
    return _stationary(_similarities(vectors), restart)


def _assign(sentences: Sequence[str], scores: Sequence[float]) -> dict[Question, list[str]]:
    chosen: dict[Question, list[int]] = {question: [] for question in Question}
    if len(sentences) <= len(Question):
        for index, question in zip(range(len(sentences)), _questions_in_order(len(sentences)), strict=True):
            chosen[question].append(index)
    else:
        taken: list[int] = []
        # The best for each question in turn, so that no question takes another's only sentence.
        for _ in range(PER_QUESTION):
            for question in (Question.METHOD, Question.RESULT, Question.PROBLEM):
                best = _best(question, sentences, scores, taken)
                if best is not None:
                    taken.append(best)
                    chosen[question].append(best)
    return {question: [sentences[i] for i in sorted(indexes)] for question, indexes in chosen.items() if indexes}


def _questions_in_order(n: int) -> list[Question]:
    return {0: [], 1: [Question.METHOD], 2: [Question.METHOD, Question.RESULT], 3: list(Question)}[n]


def _best(question: Question, sentences: Sequence[str], scores: Sequence[float], taken: Sequence[int]) -> int | None:
    fits = {
        index: scores[index] * fit
        for index in range(len(sentences))
        if index not in taken
        and (fit := _fit(question, sentences[index], place=(index + 0.5) / len(sentences))) > 0
        and not _repeats(sentences[index], [sentences[other] for other in taken])
    }
    return max(fits, key=lambda index: (fits[index], -index)) if fits else None


def _fit(question: Question, sentence: str, *, place: float) -> float:
    """How well a sentence answers a question; 0: not at all. A cue phrase counts more than the place.

    Cue phrases of other questions reduce the score; a sentence with only those scores 0.
    """
    has_cue = {other: bool(cue.search(sentence)) for other, cue in _CUES.items()}
    first, last = question.value
    is_in_range = first <= place <= last
    if has_cue[question]:
        return (4.0 if is_in_range else 2.0) / sum(has_cue.values())
    return 0.5 if is_in_range and not any(has_cue.values()) else 0.0


def _from_full_text(*, title: str, full_text: str, abstract: Sequence[str]) -> list[str]:
    """The best sentences of a full text that do not repeat the abstract."""
    body = _HEADING.sub("\n\n", _REFERENCES.split(full_text)[0])
    candidates = [sentence for sentence in split_sentences(body) if _is_prose(sentence)][:MAX_SENTENCES]
    scores = rank(candidates, title=title)
    chosen: list[int] = []
    for index in sorted(range(len(candidates)), key=lambda i: (-scores[i], i)):
        if not _repeats(candidates[index], [*abstract, *(candidates[i] for i in chosen)]):
            chosen.append(index)
        if len(chosen) == FROM_FULL_TEXT:
            break
    return [candidates[index] for index in sorted(chosen)]


def _is_prose(sentence: str) -> bool:
    """Whether it is a sentence, and not a heading, a table row or a garbled formula of a PDF's text."""
    letters = sum(character.isalpha() or character == " " for character in sentence)
    length = len(sentence) * (3 if _CJK.search(sentence) else 1)
    return 60 <= length <= 500 and letters >= 0.85 * len(sentence) and sentence[-1] in ".!?。！？"


def _repeats(sentence: str, others: Sequence[str]) -> bool:
    terms = Counter(_terms(sentence))
    return any(_cosine(terms, Counter(_terms(other))) >= REPETITION for other in others)


def _terms(sentence: str) -> list[str]:
    """Lower-case words without stop words, with plural s removed; CJK bigrams; formulas unchanged."""
    terms: list[str] = []
    for piece in split_math(sentence):
        if piece.kind == "math":
            terms.append(piece.text)
            continue
        tokens = [token.lower() for token in _TOKEN.findall(piece.text)]
        for token, following in zip_longest(tokens, tokens[1:], fillvalue=""):
            if _CJK.match(token):
                terms.append(token + following if following and _CJK.match(following) else token)
            elif token not in STOP_WORDS:
                terms.append(
                    token[:-1] if len(token) > 3 and token.endswith("s") and not token.endswith("ss") else token
                )
    return terms


def _tf_idf(documents: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """TF-IDF of sentences within their own text: idf(t) = ln(1 + n / df(t))."""
    frequency = Counter(term for terms in documents for term in set(terms))
    n = len(documents)
    return [
        {term: count * math.log(1 + n / frequency[term]) for term, count in Counter(terms).items()}
        for terms in documents
    ]


def _cosine(a: Counter[str] | dict[str, float], b: Counter[str] | dict[str, float]) -> float:
    dot = sum(weight * b.get(term, 0) for term, weight in a.items())
    norm = math.sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return dot / norm if norm else 0.0


def _similarities(vectors: Sequence[dict[str, float]]) -> list[dict[int, float]]:
    """Sparse rows of the cosine matrix, shape (n_sentences, n_sentences)."""
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for index, vector in enumerate(vectors):
        norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        for term, weight in vector.items():
            postings[term].append((index, weight / norm))
    rows: list[dict[int, float]] = [{} for _ in vectors]
    for entries in postings.values():
        for i, weight_i in entries:
            row = rows[i]
            for j, weight_j in entries:
                row[j] = row.get(j, 0.0) + weight_i * weight_j
    return rows


def _stationary(rows: Sequence[dict[int, float]], restart: Sequence[float]) -> list[float]:
    """Power iteration of p = d·r + (1 − d)·pM, M the similarities with rows that sum to 1 (Erkan and Radev, eq. 5)."""
    n = len(rows)
    sums = [sum(row.values()) for row in rows]
    scores = list(restart)
    for _ in range(100):
        dangling = sum(scores[i] for i in range(n) if not sums[i])  # sentences without similar ones restart
        following = [(RESTART + (1 - RESTART) * dangling) * value for value in restart]
        for i, row in enumerate(rows):
            for j, similarity in row.items():
                following[j] += (1 - RESTART) * scores[i] * similarity / sums[i]
        change = max(abs(a - b) for a, b in zip(scores, following, strict=True))
        scores = following
        if change < 1e-9:
            break
    return scores
