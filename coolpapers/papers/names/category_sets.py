"""Sets of categories as they stand in an address: ``cs.AI,cs.CL`` or ``cs.AI+cs.LG-cs.CY``.

Comma, plus and blank unite, minus takes away; read from left to right. Codes may hold hyphens themselves
(``cond-mat.str-el``), so a hyphen is a minus only where the longest known code ends. Plain Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from search.vocabulary.categories import CATEGORY_ALIASES

# More categories than this in one address are a mistake or an attack; arXiv has some 150 in all.
MAX_CODES = 60

EVERYTHING = "all"  # the set of all dated papers: /arxiv/all


class UnknownCategory(LookupError):
    """A part of the address is no category of this library or of arXiv."""

    def __init__(self, code: str) -> None:
        super().__init__(f"No category is called {code!r}.")
        self.code = code


class TooManyCategories(ValueError):
    """An address with more than :data:`MAX_CODES` categories."""


@dataclass(frozen=True, slots=True)
class Step:
    """One category that joins the set, or leaves it where ``is_minus``. ``code`` may be an archive (``cs``)."""

    code: str
    is_minus: bool = False


@dataclass(frozen=True, slots=True)
class CategorySet:
    """Steps from left to right. ``str()`` gives the canonical address part.

    >>> str(CategorySet((Step("cs.AI"), Step("cs.LG"), Step("cs.CY", is_minus=True))))
    'cs.AI,cs.LG-cs.CY'
    """

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        text = "".join(f"{'-' if step.is_minus else ','}{step.code}" for step in self.steps)
        return text.removeprefix(",")

    @property
    def plus_codes(self) -> tuple[str, ...]:
        return tuple(step.code for step in self.steps if not step.is_minus)


def parse_category_set(text: str, *, known: Iterable[str]) -> CategorySet:
    """Read a set of categories from an address.

    ``known`` holds every code and archive that may appear; case is folded to theirs, aliases to the code kept.
    Raises UnknownCategory for the first part that is none of them, TooManyCategories beyond MAX_CODES.

    >>> parse_category_set("cs.ai+cond-mat.str-el-hep-th", known=["cs.AI", "cond-mat.str-el", "hep-th"])
    ... # doctest: +ELLIPSIS
    CategorySet(steps=(Step(code='cs.AI', is_minus=False), ..., Step(code='hep-th', is_minus=True)))
    """
    by_fold = {code.lower(): code for code in known} | {EVERYTHING: EVERYTHING}
    by_fold |= {alias.lower(): code for alias, code in CATEGORY_ALIASES.items()}
    steps: list[Step] = []
    for piece in re.split(r"[,+\s]+", text):
        steps += _read_piece(piece, by_fold) if piece else []
        if len(steps) > MAX_CODES:
            raise TooManyCategories(f"An address takes at most {MAX_CODES} categories.")
    if not steps or steps[0].is_minus:
        steps = [Step(EVERYTHING), *steps]
    if not any(step.is_minus for step in steps):
        steps = list(dict.fromkeys(steps))
    return CategorySet(tuple(steps))


def _read_piece(piece: str, by_fold: dict[str, str]) -> list[Step]:
    """Steps of ``a-b-c``, where each code is the longest run of hyphenated parts that is known."""
    parts = piece.split("-")
    if len(parts) > 4 * MAX_CODES:
        raise TooManyCategories(f"An address takes at most {MAX_CODES} categories.")
    steps: list[Step] = []
    is_minus = parts[0] == ""  # "-cs.CY": everything but
    at = 1 if is_minus else 0
    while at < len(parts):
        # No code has more than three hyphenated parts (q-bio.x-y would be the longest form).
        for end in range(min(len(parts), at + 3), at, -1):
            code = by_fold.get("-".join(parts[at:end]).removesuffix(".*").lower())
            if code is not None:
                break
        else:
            raise UnknownCategory(parts[at] or piece)
        steps.append(Step(code, is_minus))
        at, is_minus = end, True
    return steps
