r"""Repairs of TeX that MathJax refuses although what is meant is certain (R11).

``\text{a_b}``, an equation environment inside a formula, a second exponent, the sign of a comment at the end of a line
that was joined with the next, the private command of an author. A formula that MathJax accepts comes out as it went
in; a test asks MathJax. The one exception is ``95%``, of which MathJax would show 95.
Start at :func:`mend_for_mathjax`.
"""

from __future__ import annotations

import re

from coolpapers.reading.markup.math.environments import mend_environments
from coolpapers.reading.markup.math.known_commands import KNOWN_COMMANDS
from coolpapers.reading.markup.math.packages import write_packages

# R15: MathJax needs 1.8 s for 5,000 characters; a longer formula is shown as code, and nothing is mended. Of real ones
# 99.9 % are shorter than 500.
MAX_FORMULA_CHARACTERS = 4_000

_TEXT_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|sc|up|sl|md|normal)?|mbox|hbox|fbox|tag\*?)(?![A-Za-z])\s*(?=\{)"
)
_SIGN_IN_TEXT = re.compile(r"\\(?:text[a-z]*|[mhf]box|tag\*?)\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*?[_^#&%]")
_BRACE = re.compile(r"\\[\s\S]|[{}]")
_TEXT_SIGN = re.compile(r"(\\(?:[A-Za-z]+|[\s\S]?)|\$[^$]*\$?)|([_^#&])|(%)(?![^\n}]*\n)")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)% ?")
_PERCENT_SIGN = re.compile(r"((?<!\\)(?:\\\\)*)(\d)%(?![ \t]*\n)")
_PERCENT_IN_TEXT = re.compile(r"\\text\w*\{[^{}]*(?<!\\)%")
_EDGE = re.compile(r"\\(begin|end)\{([A-Za-z]+\*?)\}")
_RAW_ARGUMENT = re.compile(r"\\(?:href|url|class|style|unicode|verb|ce|pu|label|\w*ref|cite|tag)(?![A-Za-z])")
_LOST_BEGIN = re.compile(r"(?<!\\begin)(?<!\\end)\{(array|cases|aligned|split|gathered|[pbvV]?matrix)\}")
_DEFINES = re.compile(r"\\(?:[gex]?def|let|(?:re)?new\w+|provide\w+|Declare\w+|require|ce|pu|verb)(?![A-Za-z])")
_NAME = re.compile(r"\\([A-Za-z]+)")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|[\s\S])")
# Names that swallowed the letter behind them when a space was lost: "\sqrtT", "\mathbbR".
_GLUED_NAME = re.compile(r"(sqrt|log|mathbb|mathcal|mathbf|mathsf|mathfrak)([A-Z]|(?<=sqrt)[a-z])")
_ARGUMENT = r"(?:\{(?:[^{}\\]|\\[\s\S]|\{(?:[^{}\\]|\\[\s\S])*\})*\}|\\[A-Za-z]+(?![A-Za-z{])|[^\s\\{}'^_])"
_SECOND_SCRIPT = re.compile(rf"(?<!\\)(?:\^\s*{_ARGUMENT}(?=\s*[\^'])|_\s*{_ARGUMENT}(?=\s*_))")
_BARE_ROOT = re.compile(r"\\sqrt\s*$")


def mend_for_mathjax(tex: str) -> str:
    """``tex``, with what MathJax would refuse written so that it shows what is meant."""
    if len(tex) > MAX_FORMULA_CHARACTERS:
        return tex
    if "%" in tex:
        tex = _mend_percent(tex)
        if _COMMENT.search(tex):
            return tex  # What stands in a comment is no mistake; who writes comments knows TeX.
    if _SIGN_IN_TEXT.search(tex):
        tex = _escape_in_text(tex)
    if "&" in tex and "\\begin" not in tex:
        tex = _restore_environments(tex)
    if "\\begin" in tex:
        tex = mend_environments(tex)
    elif "\\hfill" in tex and "\\\\" not in tex and "\\substack" not in tex:
        tex = tex.replace("\\hfill", "\\quad")
    if not KNOWN_COMMANDS.issuperset(_NAME.findall(tex)):
        tex = _write_private_names(write_packages(tex))
    if _may_have_second_script(tex) and _SECOND_SCRIPT.search(tex) and _RAW_ARGUMENT.search(tex) is None:
        tex = _SECOND_SCRIPT.sub(lambda match: match[0] + "{}", tex)
    return _BARE_ROOT.sub(r"\\sqrt{}", tex) if "\\sqrt" in tex else tex


def _may_have_second_script(tex: str) -> bool:
    exponents = tex.count("^")
    return exponents > 1 or tex.count("_") > 1 or (exponents == 1 and "'" in tex)


def _mend_percent(tex: str) -> str:
    r"""``95%`` means the sign; and a ``%`` that hides the end of an environment stands where two lines were joined."""
    if not _COMMENT.sub(r"\1", tex).strip():  # Nothing would be left.
        return _PERCENT.sub(r"\1", tex) if tex.strip() != "%" else "\\%"
    if "\\begin" not in tex:
        return _PERCENT_SIGN.sub(r"\1\2\\%", tex)
    if _PERCENT_IN_TEXT.search(tex) or _closes_environments(_COMMENT.sub(r"\1", tex)):
        return tex
    without = _PERCENT.sub(r"\1", tex)
    return without if _closes_environments(without) else tex


def _closes_environments(tex: str) -> bool:
    opened: list[str] = []
    for edge, name in _EDGE.findall(tex):
        if edge == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


def _text_arguments(tex: str) -> list[tuple[int, int]]:
    r"""Where the arguments of ``\text{…}`` and its kin begin and end, without those inside another."""
    spans: list[tuple[int, int]] = []
    position = 0
    while command := _TEXT_COMMAND.search(tex, position):
        end = _closing_brace(tex, command.end())
        spans.append((command.end() + 1, end))
        position = end
    return spans


def _closing_brace(tex: str, opening: int) -> int:
    depth = 0
    for match in _BRACE.finditer(tex, opening):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return len(tex)


def _escape_in_text(tex: str) -> str:
    r"""``\text{a_b}`` is text: its signs are written as text wants them."""
    parts, position = [], 0
    for start, end in _text_arguments(tex):
        parts += [tex[position:start], _escape_signs(tex[start:end])]
        position = end
    return "".join([*parts, tex[position:]])


def _escape_signs(text: str) -> str:
    if _RAW_ARGUMENT.search(text) or "\\(" in text:
        return text

    def escaped(match: re.Match[str]) -> str:
        sign = match[2] or match[3]
        if not sign:
            return match[0]
        return "\\^{}" if sign == "^" else f"\\{sign}"

    return _TEXT_SIGN.sub(escaped, text)


def _restore_environments(tex: str) -> str:
    r"""``{cases} a & b {cases}``: ``\begin`` and ``\end`` were lost."""
    names = _LOST_BEGIN.findall(tex)
    if "&" not in tex.replace("\\&", "") or not names or len(names) % 2 or names[::2] != names[1::2]:
        return tex
    edges = iter(["\\begin", "\\end"] * (len(names) // 2))
    return _LOST_BEGIN.sub(lambda match: next(edges) + match[0], tex)


def _write_private_names(tex: str) -> str:
    r"""A command that nobody but the author knows is shown by its name, as in text (R13).

    Names of one or two letters keep their backslash: ``\e`` is not the number e.
    """
    if _DEFINES.search(tex):
        return tex
    texts = _text_arguments(tex)

    def written(match: re.Match[str]) -> str:
        name = match[1]
        if name is None or name in KNOWN_COMMANDS:
            return match[0]
        if any(start <= match.start() < end for start, end in texts):
            return name
        if glued := _GLUED_NAME.fullmatch(name):
            return f"\\{glued[1]} {glued[2]}"
        return f"{{\\mathrm{{{name}}}}}" if len(name) > 2 else f"{{\\mathtt{{\\backslash {name}}}}}"

    return _COMMAND.sub(written, tex)
