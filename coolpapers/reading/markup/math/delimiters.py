"""The marks a formula can stand in, and a pair of them in a text."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

# Display environments of amsmath that stand without outer marks (R5). Text environments (itemize, tabular) do not.
ENVIRONMENTS = frozenset(
    name + star
    for name in (
        "equation", "align", "gather", "multline", "flalign", "alignat", "xalignat", "eqnarray", "displaymath",
        "aligned", "alignedat", "gathered", "multlined", "split", "cases", "dcases", "rcases", "drcases", "numcases",
        "array", "subarray", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix",
        "smallmatrix", "psmallmatrix", "bsmallmatrix", "Bsmallmatrix", "vsmallmatrix", "Vsmallmatrix",
    )
    for star in ("", "*")
)  # fmt: skip

# What may stand before a display mark that has a line for itself: quote marks, list markers, spaces.
LINE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*")


class Kind(Enum):
    """The marks a formula can stand in."""

    DOLLAR = "$"
    BACKTICK = "$`"
    DOUBLE_DOLLAR = "$$"
    PAREN = "\\("
    BRACKET = "\\["
    ENVIRONMENT = "\\begin"


class Pair(NamedTuple):
    r"""An opening mark and the closing mark of its brace group; offsets into the scanned text.

    The content is ``text[inner:outer]``; for an environment that includes ``\begin`` and ``\end``.
    """

    kind: Kind
    start: int
    inner: int
    outer: int
    end: int
