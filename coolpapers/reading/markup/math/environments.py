r"""Equation environments inside a formula, which MathJax refuses (R11).

``align``, ``equation`` and their kin must come first in a formula. Elsewhere (``\left\{\begin{align}…``,
``\boxed{\begin{align*}…``) amsmath "tries to recover with aligned", and so do we: ``aligned``, ``gathered`` or nothing.
A ``\tag`` in such an inner environment becomes text. Start at :func:`mend_environments`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# What an equation environment is inside a formula; "" means that only its content stays.
_INNER_NAMES = {
    "align": "aligned", "flalign": "aligned", "alignat": "alignedat", "xalignat": "alignedat", "xxalignat": "alignedat",
    "gather": "gathered", "multline": "gathered", "eqnarray": "array", "equation": "", "displaymath": "", "math": "",
    "subequations": "",
}  # fmt: skip
_TAGLESS = frozenset({"aligned", "alignedat", "gathered", "split", "lgathered", "rgathered"})
_TOKEN = re.compile(
    r"\\(?P<edge>begin|end)\{(?P<name>[A-Za-z]+)\*?\}|\\tag(?P<star>\*?)\s*\{(?P<tag>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|(?P<cell>\\\\(?:\*?\s*\[[^\]]*\])?|\\cr(?![A-Za-z])|(?<!\\)&)"
)
# What may stand before the first environment of a formula.
_NO_CONTENT = (
    r"\s|%[^\n]*\n|\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|rm|bf|it|sf|tt|cal|mit|frak)(?![A-Za-z])"
)
_NOTHING = re.compile(f"(?:{_NO_CONTENT})*")
# An argument is read as a formula of its own, but for those of the commands that wrap it in something.
_OPENS_ARGUMENT = re.compile(rf"(?:\\([A-Za-z]+)\*?|[\]}}])\s*\{{(?:{_NO_CONTENT})*$")
_WRAPPING = frozenset({
    "boxed", "fbox", "abs", "norm", "ceil", "floor", "bra", "ket", "Bra", "Ket", "set", "Set", "braket", "Braket",
    "expval", "cramped", "mathclap", "nicefrac", "sfrac", "cfrac", "unitfrac", "pmb", "pmod", "pod", "sp", "sb",
    "substack", "cases", "matrix", "pmatrix", "mathstrut", "limits", "nolimits", "displaystyle", "textstyle",
})  # fmt: skip


@dataclass(slots=True)
class _Reading:
    """What was written so far, and the environments that are open: the names they have and the names they get."""

    written: list[str] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)
    in_new_cell: bool = False
    behind_end: bool = False


def mend_environments(tex: str) -> str:
    """``tex`` with the equation environments that stand inside or behind something as their inner forms."""
    tokens = list(_TOKEN.finditer(tex))
    if not _may_be_refused(tex, tokens):
        return tex
    reading, position = _Reading(), 0
    for token in tokens:
        between = tex[position : token.start()]
        reading.written.append(between)
        if between.strip():
            reading.in_new_cell = reading.behind_end = False
        replacement = _replacement(reading, token)
        if replacement is None:
            return tex  # Edges that do not match: nobody can say what is inside of what.
        reading.written.append(replacement)
        position = token.end()
    return "".join([*reading.written, tex[position:]])


def _may_be_refused(tex: str, tokens: list[re.Match[str]]) -> bool:
    begins = [token for token in tokens if token["edge"] == "begin"]
    first = _NOTHING.match(tex)
    start = first.end() if first else 0
    if any(token["name"] in _INNER_NAMES and token.start() != start for token in begins) or "{subequations}" in tex:
        return True
    return "\\tag" in tex and any(token["name"] in _TAGLESS for token in begins)


def _replacement(reading: _Reading, token: re.Match[str]) -> str | None:
    """What is written for a token; None for an edge without its partner."""
    if token["edge"] == "begin":
        return _begin(reading, token)
    if token["edge"] == "end":
        return _end(reading, token)
    if token["cell"]:
        reading.in_new_cell = True
        return token[0]
    if any(name in _TAGLESS for _, name in reading.opened):
        return f"\\qquad\\text{{{token['tag'] if token['star'] else '(' + token['tag'] + ')'}}}"
    return token[0]


def _begin(reading: _Reading, token: re.Match[str]) -> str:
    name = token["name"]
    inner = _INNER_NAMES.get(name)
    if inner is None or (name != "subequations" and _is_accepted(reading, name)):
        inner = name
    separator = "\\\\" if reading.behind_end and name in _INNER_NAMES else ""
    reading.opened.append((name, inner))
    reading.in_new_cell, reading.behind_end = True, False
    if inner == name:
        return token[0]
    columns = "{rcl}" if name == "eqnarray" else ""
    return separator + (f"\\begin{{{inner}}}{columns}" if inner else "")


def _is_accepted(reading: _Reading, name: str) -> bool:
    """Whether MathJax takes the equation environment as it is: first in the formula, or in a cell of ``gather``."""
    if all(not inner for _, inner in reading.opened) and _NOTHING.fullmatch("".join(reading.written)):
        return True
    opens_argument = _OPENS_ARGUMENT.search("".join(reading.written[-2:])[-80:])
    if opens_argument and opens_argument[1] not in _WRAPPING:
        return True
    return (
        bool(reading.opened) and reading.opened[-1] == ("gather", "gather") and reading.in_new_cell and name != "gather"
    )


def _end(reading: _Reading, token: re.Match[str]) -> str | None:
    if not reading.opened or reading.opened[-1][0] != token["name"]:
        return None
    name, inner = reading.opened.pop()
    reading.in_new_cell, reading.behind_end = False, name in _INNER_NAMES
    if inner == name:
        return token[0]
    return f"\\end{{{inner}}}" if inner else ""
