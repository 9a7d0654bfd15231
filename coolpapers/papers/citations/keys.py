"""Citation keys: surname, year and the first words of the title, as arXiv makes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from coolpapers.papers.citations.work import CitedWork

N_TITLE_WORDS = 4  # arXiv's choice: vaswani2023attentionneed, devlin2019bertpretrainingdeepbidirectional

# The Glasgow stop list, which arXiv skips too: the key should be the one a reader's .bib file already has.
_STOP_WORDS = frozenset(
    """
    a about above across after afterwards again against all almost alone along already also although always am
    among amongst amoungst amount an and another any anyhow anyone anything anyway anywhere are around as at back
    be became because become becomes becoming been before beforehand behind being below beside besides between
    beyond bill both bottom but by call can cannot cant co con could couldnt cry de describe detail do done down
    due during each eg eight either eleven else elsewhere empty enough etc even ever every everyone everything
    everywhere except few fifteen fill find fire first five for former formerly forty found four from front full
    further get give go had has hasnt have he hence her here hereafter hereby herein hereupon hers herself him
    himself his how however hundred ie if in inc indeed interest into is it its itself keep last latter latterly
    least less ltd made many may me meanwhile might mill mine more moreover most mostly move much must my myself
    name namely neither never nevertheless next nine no nobody none noone nor not nothing now nowhere of off often
    on once one only onto or other others otherwise our ours ourselves out over own part per perhaps please put
    rather re same see seem seemed seeming seems serious several she should show side since sincere six sixty so
    some somehow someone something sometime sometimes somewhere still such system take ten than that the their
    them themselves then thence there thereafter thereby therefore therein thereupon these they thin third this
    those though three through throughout thru thus to together too top toward towards twelve twenty two un under
    until up upon us very via was we well were what whatever when whence whenever where whereafter whereas whereby
    wherein whereupon wherever whether which while whither who whoever whole whom whose why will with within
    without would yet you your yours yourself yourselves
    """.split()  # noqa: SIM905 - a list of 318 quoted words reads worse
)
_NOT_KEY = re.compile(r"[^a-z0-9]")
# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def citation_key(work: CitedWork) -> str:
    """The key of one work, in ``[a-z0-9]`` only: classic BibTeX reads no other letters in a key.

    A part that is missing, or has no letter of that alphabet (a Chinese name), is left out; where nothing
    is left the paper's own id stands in.
    """
    surname = _fold(work.authors[0].family) if work.authors else ""
    words = [word for word in work.title.split() if word.lower() not in _STOP_WORDS]
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
