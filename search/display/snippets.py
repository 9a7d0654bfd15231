"""The best fragment of an abstract for a query: about 300 characters, cut between words, never inside a formula.

Start at :func:`best_fragment`. A text is split into atoms, which are never cut: a word with its punctuation, one
character of a script without spaces, a formula. Text inside braces is one atom, so ``\\emph{…}`` stays whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from search.display.matching import Matcher, Span
from search.text.scripts import UNSPACED, UNSPACED_CLUSTER

SNIPPET_CHARACTERS = 300
# Largest share of the snippet before the first match. The snippet begins with the sentence of the match if it fits.
LEAD_SHARE = 1 / 3

_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_STEP = re.compile(rf"\\.|[{{}}]|\s+|{UNSPACED_CLUSTER}[^\s\w{{}}\\]*|[^\s{{}}\\{UNSPACED}]+|.", re.DOTALL)
_NEEDS_ATOMS = re.compile(rf"[{{}}\\$`{UNSPACED}]")  # maybe a formula, or a group
_NEEDS_STEPS = re.compile(rf"[{{}}\\{UNSPACED}]")
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?][)\"'”’]*$|[。！？]$")


class TextPiece(Protocol):
    """A part of a text: plain text, or a formula (``kind`` is "math")."""

    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...


Splitter = Callable[[str], Iterable[TextPiece]]


class Fragment(NamedTuple):
    """Characters ``start`` to ``end`` of a text."""

    start: int
    end: int


@dataclass(slots=True)
class _Atoms:
    """Start and end of each atom of a text."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    depth: int = 0  # of open braces
    is_joined: bool = False  # the next step extends the last atom

    def add(self, start: int, end: int) -> None:
        if self.is_joined and self.ends:
            self.ends[-1] = end
        else:
            self.starts.append(start)
            self.ends.append(end)


def best_fragment(text: str, matcher: Matcher, *, split_math: Splitter, length: int = SNIPPET_CHARACTERS) -> Fragment:
    """The fragment of at most ``length`` characters with the most different words of a query.

    It is the whole text if that is short enough, and its beginning if it has none of the words. It exceeds ``length``
    only if a single atom does. ``split_math`` splits a text at its formulas.
    """
    if len(text) <= length:
        return Fragment(0, len(text))
    lead = int(length * LEAD_SHARE)
    best = _best_start(matcher.find(text), length - lead)
    if not _needs_atoms(text):
        return _plain_fragment(text, best, length, lead)
    atoms = _read_atoms(split_math(text), mind_braces=True)
    if atoms.depth:  # an unmatched brace groups nothing
        atoms = _read_atoms(split_math(text), mind_braces=False)
    if not atoms.starts:
        return Fragment(0, len(text))
    return _fragment(text, atoms, best, length, lead)


def _needs_atoms(text: str) -> bool:
    if text.isascii():  # looking for each sign takes a twentieth of the time of the expression
        return any(map(text.__contains__, "{}\\$`"))
    return _NEEDS_ATOMS.search(text) is not None


def _plain_fragment(text: str, best: int, length: int, lead: int) -> Fragment:
    """The fragment of a text whose atoms are its words: only those that it may reach are read."""
    high = text.find(" ", best + length + lead)
    is_to_end = high < 0  # it may begin earlier than the lead then, to fill the length
    first = text.rfind(" ", 0, best + 1) + 1
    low = text.rfind(" ", 0, max(first - lead - (length if is_to_end else lead), 0)) + 1
    atoms = _Atoms()
    _read_words(atoms, text[low:] if is_to_end else text[low:high], low)
    return _fragment(text, atoms, best, length, lead) if atoms.starts else Fragment(0, len(text))


def _fragment(text: str, atoms: _Atoms, best: int, length: int, lead: int) -> Fragment:
    """The atoms of ``length`` characters around the match at ``best``, after ``lead`` characters before it."""
    first = _with_lead(text, atoms, max(bisect_left(atoms.starts, best + 1) - 1, 0), lead)
    last = _last_within(atoms, first, length)
    if last == len(atoms.ends) - 1:  # the text ends here: use what is left of the length for text before
        while first and atoms.ends[last] - atoms.starts[first - 1] <= length:
            first -= 1
    return Fragment(atoms.starts[first], atoms.ends[last])


def _read_atoms(pieces: Iterable[TextPiece], *, mind_braces: bool) -> _Atoms:
    atoms = _Atoms()
    for piece in pieces:
        if piece.kind == "math":
            atoms.add(piece.start, piece.end)
            atoms.is_joined = True
            continue
        if atoms.depth or _NEEDS_STEPS.search(piece.text):
            for step in _STEP.finditer(piece.text):
                _read_step(atoms, step[0], piece.start + step.start(), mind_braces=mind_braces)
        else:
            _read_words(atoms, piece.text, piece.start)
    return atoms


def _read_words(atoms: _Atoms, text: str, start: int) -> None:
    """The fast path for text without braces and without scripts that have no spaces."""
    spans = [word.span() for word in _WORD.finditer(text)]
    if spans and atoms.is_joined and atoms.ends and not text[0].isspace():
        atoms.ends[-1] = start + spans.pop(0)[1]
    atoms.starts += [start + first for first, _ in spans]
    atoms.ends += [start + end for _, end in spans]
    atoms.is_joined = not text[-1].isspace()


def _read_step(atoms: _Atoms, step: str, start: int, *, mind_braces: bool) -> None:
    if mind_braces and step in ("{", "}"):
        atoms.depth = max(atoms.depth + (1 if step == "{" else -1), 0)
    elif step.isspace() and not atoms.depth:
        atoms.is_joined = False
        return
    atoms.add(start, start + len(step))
    atoms.is_joined = bool(atoms.depth) or _UNSPACED_LETTER.match(step) is None


def _best_start(spans: Sequence[Span], length: int) -> int:
    """The start of the window with the most different words, then the most words, then the first; 0 without any."""
    best, best_value = 0, (0, 0)
    counts: dict[int, int] = {}
    last, n_spans = 0, len(spans)
    for first, (start, _end, word) in enumerate(spans):
        while last < n_spans and (last == first or spans[last].end - start <= length):
            entering = spans[last].word
            counts[entering] = counts.get(entering, 0) + 1
            last += 1
        value = (len(counts), last - first)
        if value > best_value:
            best, best_value = start, value
        if counts[word] == 1:
            del counts[word]
        else:
            counts[word] -= 1
    return best


def _with_lead(text: str, atoms: _Atoms, first: int, lead: int) -> int:
    """Move back to the beginning of the sentence if it is near, else by half of ``lead`` characters."""
    atom, half = first, first
    while atom and atoms.starts[first] - atoms.starts[atom - 1] <= lead:
        if _SENTENCE_END.search(text[atoms.starts[atom - 1] : atoms.ends[atom - 1]]):
            return atom
        atom -= 1
        if atoms.starts[first] - atoms.starts[atom] <= lead // 2:
            half = atom
    return half if atom else 0


def _last_within(atoms: _Atoms, first: int, length: int) -> int:
    last = first
    while last + 1 < len(atoms.ends) and atoms.ends[last + 1] - atoms.starts[first] <= length:
        last += 1
    return last
