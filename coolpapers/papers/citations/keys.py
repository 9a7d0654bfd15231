"""Citation keys: surname, year and the first words of the title, as arXiv makes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from coolpapers.papers.citations.work import CitedWork
from coolpapers.papers.names.stop_words import STOP_WORDS

N_TITLE_WORDS = 4  # arXiv's choice: vaswani2023attentionneed, devlin2019bertpretrainingdeepbidirectional

_NOT_KEY = re.compile(r"[^a-z0-9]")
# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def citation_key(work: CitedWork) -> str:
    """The key of one work, in ``[a-z0-9]`` only: classic BibTeX reads no other letters in a key.

    Title words of the stop list are passed over, as arXiv does: the key should be the one that a reader's .bib
    file already has.

    A part that is missing, or has no letter of that alphabet (a Chinese name), is left out; where nothing
    is left the paper's own id stands in.
    """
    surname = _fold(work.authors[0].family) if work.authors else ""
    words = [word for word in work.title.split() if word.lower() not in STOP_WORDS]
    title = "".join(_fold(word) for word in words[:N_TITLE_WORDS])
    if not (surname or title):
        return _fold(work.key) or "paper"
    return f"{surname}{work.year or ''}{title}"


def unique_keys(works: Sequence[CitedWork]) -> list[str]:
    """Keys of works that stand in one file: of equal ones the first stays bare, the next get a, b, …, z, aa."""
    plain = [citation_key(work) for work in works]
    reserved = set(plain)
    used: set[str] = set()
    keys = []
    for key in plain:
        chosen, n = key, 0
        while chosen in used or (n and chosen in reserved):
            n += 1
            chosen = key + _letters(n)
        used.add(chosen)
        keys.append(chosen)
    return keys


def _letters(n: int) -> str:
    """1 → a, 26 → z, 27 → aa."""
    text = ""
    while n:
        n, rest = divmod(n - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _fold(text: str) -> str:
    lowered = text.lower().translate(_LETTERS)
    return _NOT_KEY.sub("", unicodedata.normalize("NFKD", lowered))
