"""Sentences of scientific prose. A formula is an atom: no sentence ends inside one."""

from __future__ import annotations

import re

from coolpapers.reading.markup.math.spans import split_math

# Stands for a formula while sentences are cut; a private-use character, which no paper contains.
_FORMULA = "\ue000"
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:e\.g|i\.e|al|cf|vs|etc|resp|approx|ca|viz|Fig|Figs|Eq|Eqs|Sec|Secs|Thm|Prop|Def|Lem|Ref|Refs|Tab|No|Vol|pp"
    r"|Dr|Prof|Mr|Mrs|Ms|St|Inc|Ltd|Jr|Sr|w\.r\.t|s\.t|a\.k\.a|i\.i\.d|a\.s|et|c\.f)|\b[A-Z])\.$"
)
# A full stop, then blanks and something that can begin a sentence; or a stop glued to the next capitalised word,
# as in text that was joined without blanks ("models.Users often"); or CJK punctuation.
_BOUNDARY = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9\ue000\u3400-\u9fff])"
    r"|(?<=[a-z)\]])[.!?](?=[A-Z][a-z])"
    r"|[。！？][”’」』）]*\s*"
    r"|\n\s*\n"
)


def split_sentences(text: str) -> list[str]:
    """Cut running text into sentences, formulas whole; blanks are collapsed, nothing else changes.

    >>> split_sentences("We use $f(x) = 0. A$ twice, e.g. Here. It works.")
    ['We use $f(x) = 0. A$ twice, e.g. Here.', 'It works.']
    """
    formulas: list[str] = []
    masked = []
    for piece in split_math(text.replace(_FORMULA, "")):
        if piece.kind == "math":
            formulas.append(" ".join(piece.text.split()))
            masked.append(_FORMULA)
        else:
            masked.append(piece.text)
    remaining = iter(formulas)
    return [re.sub(_FORMULA, lambda _: next(remaining), sentence) for sentence in _cut("".join(masked))]


def _cut(text: str) -> list[str]:
    sentences = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        end = match.start() + 1 if match[0].strip() else match.start()
        # Closing quotes and brackets belong to the sentence that they close.
        while end < match.end() and text[end] in "\"'”’)]」』）":
            end += 1
        if text[match.start()] == "." and _goes_on(text, start, match.start()):
            continue
        sentences.append(text[start:end])
        start = match.end()
    sentences.append(text[start:])
    return [" ".join(sentence.split()) for sentence in sentences if sentence.strip()]


def _goes_on(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at ``stop`` ends an abbreviation or the number of a list rather than a sentence."""
    if text[start:stop].strip().isdigit():
        return True
    return _ABBREVIATIONS.search(text, max(0, start, stop - 12), stop + 1) is not None
