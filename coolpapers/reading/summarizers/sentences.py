"""Split scientific prose into sentences. Formulas are atomic: no sentence ends inside one."""

from __future__ import annotations

import re

from coolpapers.reading.markup.math.spans import split_math

# Placeholder for a formula during splitting; a private-use character, which no paper contains.
_FORMULA = "\ue000"
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:e\.g|i\.e|al|cf|vs|etc|resp|approx|ca|viz|Fig|Figs|Eq|Eqs|Sec|Secs|Thm|Prop|Def|Lem|Ref|Refs|Tab|No|Vol|pp"
    r"|Dr|Prof|Mr|Mrs|Ms|St|Inc|Ltd|Jr|Sr|w\.r\.t|s\.t|a\.k\.a|i\.i\.d|a\.s|et|c\.f)|\b[A-Z])\.$"
)
# A full stop, whitespace and a possible start of a sentence; or a stop directly before a capitalised word, as in text
# joined without spaces ("models.Users often"); or CJK punctuation.
_BOUNDARY = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9\ue000\u3400-\u9fff])"
    r"|(?<=[a-z)\]])[.!?](?=[A-Z][a-z])"
    r"|[。！？][”’」』）]*\s*"
    r"|\n\s*\n"
)


def split_sentences(text: str) -> list[str]:
    """Split running text into sentences without splitting formulas; whitespace is collapsed, nothing else changes.

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
    return [re.sub(_FORMULA, lambda _: next(remaining), sentence) for sentence in _split("".join(masked))]


def _split(text: str) -> list[str]:
    sentences = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        end = match.start() + 1 if match[0].strip() else match.start()
        # Closing quotes and brackets belong to the sentence before them.
        while end < match.end() and text[end] in "\"'”’)]」』）":
            end += 1
        if text[match.start()] == "." and _is_inside_sentence(text, start, match.start()):
            continue
        sentences.append(text[start:end])
        start = match.end()
    sentences.append(text[start:])
    return [" ".join(sentence.split()) for sentence in sentences if sentence.strip()]


def _is_inside_sentence(text: str, start: int, stop: int) -> bool:
    """Whether the full stop at ``stop`` ends an abbreviation or a list number, and not a sentence."""
    if text[start:stop].strip().isdigit():
        return True
    return _ABBREVIATIONS.search(text, max(0, start, stop - 12), stop + 1) is not None
