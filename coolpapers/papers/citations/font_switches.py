r"""Switches of fonts in formulas, which old TeX has and citation processors do not, as commands with an argument. Pure.

``{\rm GL}_N`` is ``{\mathrm{GL}}_N``, and ``\rm{Log}``, which in TeX changes all behind it, is the ``\mathrm{Log}``
that its author meant.
"""

from __future__ import annotations

import re

_COMMANDS = {
    "rm": "mathrm", "bf": "mathbf", "it": "mathit", "sf": "mathsf", "tt": "mathtt", "cal": "mathcal",
    "frak": "mathfrak", "Bbb": "mathbb", "bold": "mathbf",
}  # fmt: skip
_WITH_ARGUMENT = frozenset({"frak", "Bbb", "bold"})  # commands of AMS-TeX: they take the next sign
# Text inside a formula is passed over: \mathrm is no command of text.
_SWITCH = re.compile(
    r"\\(?:text[a-z]*|[mh]box)\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\(rm|bf|it|sf|tt|cal|frak|Bbb|bold)(?![A-Za-z])\s*"
)
_SIGN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}&$]|[^\\{}&$]+", re.DOTALL)
# What ends the part of a formula that a switch changes, beside the end of its group.
_ENDS = frozenset({"&", "$", "\\\\", "\\right", "\\middle", "\\end", "\\over", "\\choose", "\\atop", "\\)", "\\]"})


def write_switches_as_commands(math: str) -> str:
    r"""A formula, with or without its dollars, whose switches are commands with an argument.

    >>> write_switches_as_commands(r"${\rm GL}_N \times \rm{Lip}_t$, ${\cal O}(\Bbb R)$")
    '${\\mathrm{GL}}_N \\times \\mathrm{Lip}_t$, ${\\mathcal{O}}(\\mathbb R)$'
    """
    for match in reversed(list(_SWITCH.finditer(math))):  # from the end, so that inner ones are done before outer ones
        if name := match[1]:
            math = math[: match.start()] + _as_command(name, math[match.end() :])
    return math


def _as_command(name: str, rest: str) -> str:
    command = f"\\{_COMMANDS[name]}"
    if rest.startswith("{"):
        return command + rest
    if name in _WITH_ARGUMENT:
        return f"{command} {rest}"
    end = _end_of_scope(rest)
    scope = rest[:end].rstrip()
    return f"{command}{{{scope}}}{rest[len(scope) :]}" if scope else rest


def _end_of_scope(text: str) -> int:
    depth = 0
    for match in _SIGN.finditer(text):
        sign = match[0]
        depth += (sign == "{") - (sign == "}")
        if depth < 0 or (depth == 0 and sign in _ENDS):
            return match.start()
    return len(text)
