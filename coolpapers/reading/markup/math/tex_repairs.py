r"""Repairs of the TeX between the marks: what was done to it on its way here (R7, R11).

``&lt;`` for ``<``, ``\\alpha`` for ``\alpha``, a line end for the ``\n`` of ``\nabla``, two pairs of marks.
What MathJax would refuse for another reason is mended in :mod:`coolpapers.reading.markup.math.mathjax_repairs`.
Start at :func:`mend_tex`.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from coolpapers.reading.markup.math.mathjax_repairs import mend_for_mathjax

_ENTITY = re.compile(r"&(#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6})|[A-Za-z][A-Za-z0-9]{1,30});")
# Entities that programs write for the characters of TeX. Others are read only where no "&" can separate columns.
_BASIC_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos", "nbsp"})
_COLUMNS = re.compile(r"\\(?:begin|[pb]?matrix|cases|array|eqalign|displaylines)(?![A-Za-z])")
_AS_TEX = {"#": "\\#", "%": "\\%", "$": "\\$", "\u00a0": "~"}
# Names that lost "\n", "\r" or "\t" to JSON: no line and no variable of a formula begins so. A tab that indents a line
# is no lost letter.
_LOST_BEGINNING = re.compile(
    r"\n(?=(?P<n>(?:abla|eq|otin|obreak|onumber)(?![A-Za-z]))|(?:ight|ightarrow|angle|ho)(?![A-Za-z]))"
    r"|\t(?=(?P<t>(?:au|anh|op|ag)(?![A-Za-z])))|(?<![\n\t])\t(?=(?P<t2>(?:an|o)(?![A-Za-z])))"
)
_INNER = r"(?:[^\\$]|\\[^\[\]()])+"
_WRAPPED = re.compile(
    rf"\s*(?:\$\$(?P<double>[^$]+)\$\$|\$(?P<dollar>[^$]+)\$|\\\[(?P<bracket>{_INNER})\\\]|\\\((?P<paren>{_INNER})\\\))\s*"
)
_BACKSLASHES = re.compile(r"(\\+)([A-Za-z]+|[,;:!{}|%&#_])?")


def mend_tex(tex: str) -> str:
    """The TeX of a formula as MathJax is to read it."""
    if "$" in tex or "\\(" in tex or "\\[" in tex:
        tex = unwrap(tex)
    if "&" in tex and ";" in tex:
        tex = _decode_entities(tex)
    if "\n" in tex or "\t" in tex:
        tex = _LOST_BEGINNING.sub(_restore_beginning, tex)
    if "\\\\" in tex:
        tex = _halve_backslashes(tex)
    return mend_for_mathjax(tex)


def unwrap(tex: str) -> str:
    r"""The formula in a second pair of marks: ``\[ $$ a $$ \]`` was wrapped twice."""
    if not tex.lstrip().startswith(("$", "\\(", "\\[")):
        return tex
    wrapped = _WRAPPED.fullmatch(tex)
    return wrapped[wrapped.lastgroup or 0] if wrapped else tex


def _decode_entities(tex: str) -> str:
    """One level of entities; names such as ``&le;`` only where MathJax would refuse the ``&``."""
    has_columns = _COLUMNS.search(tex) is not None

    def decode(match: re.Match[str]) -> str:
        name = match[1]
        if name[0] != "#" and name not in _BASIC_ENTITIES and (has_columns or f"{name};" not in html5):
            return match[0]
        character = unescape(match[0])
        return _AS_TEX.get(character, character)

    return _ENTITY.sub(decode, tex)


def _restore_beginning(match: re.Match[str]) -> str:
    return {"n": "\\n", "t": "\\t", "t2": "\\t"}.get(match.lastgroup or "", "\\r")


def _halve_backslashes(tex: str) -> str:
    r"""``\\frac{a}{b} + \\alpha`` where every backslash was doubled; one that stands alone, a row's end or a name that
    is no command shows that none was.
    """
    has_name = False
    for match in _BACKSLASHES.finditer(tex):
        count, following = len(match[1]), match[2] or ""
        if count % 2:
            return tex
        if count % 4:
            if not following or (following.isalpha() and following not in KNOWN_COMMANDS):
                return tex
            has_name = has_name or (len(following) > 1 and following.isalpha())
    return _BACKSLASHES.sub(lambda match: match[1][::2] + (match[2] or ""), tex) if has_name else tex
