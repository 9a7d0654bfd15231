"""Between stored titles and the two worlds of bibliographies: TeX (BibTeX) and plain text (all others).

A stored title is as its source wrote it, with accents already made characters: formulas and text-mode
commands of arXiv's authors (``\\emph{…}``, ``~``, ``\\%``) stand beside bare ``&`` and ``%`` of sources that know
no TeX. Both functions leave formulas as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from coolpapers.papers.citations.tex_safety import MATH_COMMANDS, defuse_math, is_text_command

# Dollars with the usual guards, so that "$5 and $10" is money, or padded around what is plainly TeX; \(…\), \[…\], and
# environments of formulas.
_MATH = re.compile(
    r"""(?<!\\)\$\$(?:[^$\\]|\\.)+\$\$
      | (?<![\\$])\$(?=\S)(?:[^$\\]|\\.)*?(?<=\S)\$(?!\d)
      | (?<![\\$])\$\s(?=[^$]*[\\^_])(?:[^$\\]|\\.)*\$(?!\d)
      | \\\(.+?\\\) | \\\[.+?\\\]
      | \\begin\s*\{(?P<environment>(?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}
        .+?\\end\s*\{(?P=environment)\}""",
    re.DOTALL | re.VERBOSE,
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|[^A-Za-z\s])")
_ARGUMENT = r"\{(?:[^{}$]|\{[^{}$]*\})*\}"
_BARE_MATH = re.compile(
    rf"\\(?:{'|'.join(sorted(MATH_COMMANDS, key=len, reverse=True))})(?![A-Za-z])"
    rf"(?:{_ARGUMENT}){{0,2}}(?:[_^](?:{_ARGUMENT}|[A-Za-z0-9]))*"
)
_SUPERSCRIPT = re.compile(r"\^(?:\{[^{}$]*\}|[A-Za-z0-9])")  # "R^3" that its author forgot to put in dollars
_SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\\": r"\textbackslash{}",
}
_BRACES = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_MATH_BRACES = {r"\{": r"\lbrace ", r"\}": r"\rbrace "}
_ESCAPED_BRACE = re.compile(r"\\[{}]")
_WORD = re.compile(r"[^\W_]+")
_TEXT_STYLE = re.compile(
    r"\\(?:emph|textbf|textit|texttt|textsc|textrm|textsf|text|mbox|uppercase|MakeUppercase)\s*\{([^{}]*)\}"
)
_OTHER_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s*")
_DASHES = re.compile(r"(?<![^\w\s.,;:)\]}])(---?)(?![^\w\s({$\\])")
_ESCAPED = re.compile(r"\\([%&#_${}])")


def split_math(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (piece, is_math) in order; the pieces joined are the text."""
    end = 0
    for match in _MATH.finditer(text):
        if match.start() > end:
            yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    if end < len(text):
        yield text[end:], False


def wrap_bare_math(text: str) -> str:
    r"""The text with symbols that stand outside formulas in formulas of their own: LaTeX refuses ``\alpha-stable``.

    >>> wrap_bare_math(r"\alpha-stable and $\beta$")
    '$\\alpha$-stable and $\\beta$'
    """
    if "\\" not in text:
        return text
    pieces = split_math(text)
    return "".join(piece if is_math else _BARE_MATH.sub(r"$\g<0>$", piece) for piece, is_math in pieces)


def escape_tex(text: str, *, protect: bool = False) -> str:
    """Make text safe inside the braces of a BibTeX field.

    Formulas and commands stay, special characters are escaped, braces come out balanced as BibTeX counts
    them (it counts ``\\{`` too). With ``protect``, words whose capitals carry meaning (BERT, GPT-4, LaTeX)
    get braces, so that styles that lower-case titles leave them.
    """
    pieces = list(split_math(text))
    outside = "".join(piece for piece, is_math in pieces if not is_math)
    # BibTeX counts \{ as a brace, other readers do not: braces stay where they are balanced for both.
    keep_braces = _balanced(outside) and _balanced(_ESCAPED_BRACE.sub("", outside))
    shouting = _is_upper(text)
    out = []
    for piece, is_math in pieces:
        if is_math:
            out.append(_escape_math(piece))
        else:
            escaped = _escape_text(piece, keep_braces=keep_braces)
            out.append(_protect_capitals(escaped) if protect and not shouting else escaped)
    return "".join(out)


def plain_text(text: str) -> str:
    """The title as a person would type it: text-mode TeX resolved, formulas left in their dollars."""
    out = []
    for piece, is_math in split_math(text):
        if is_math:
            out.append(piece)
            continue
        piece = _TEXT_STYLE.sub(r"\1", piece)
        piece = re.sub(r"(?<=\S)(?<!\\)~(?=\S)", " ", piece).replace("``", "“").replace("''", "”")
        piece = _DASHES.sub(lambda match: "—" if len(match[1]) == 3 else "–", piece)
        if _balanced(piece):
            piece = re.sub(r"(?<!\\)[{}]", "", piece)
        out.append(_ESCAPED.sub(r"\1", _OTHER_COMMAND.sub("", piece)))
    return " ".join("".join(out).split())


def _escape_math(math: str) -> str:
    math = defuse_math(math)
    math = re.sub(r"(?<!\\)%", r"\\%", math)  # an unescaped % would hide the rest of the line
    if not _balanced(math):
        math = re.sub(r"\\[{}]", lambda match: _MATH_BRACES[match[0]], math)
    if not _balanced(math):  # a formula that TeX itself could not read
        return _escape_text(math, keep_braces=False)
    return math


def _escape_text(text: str, *, keep_braces: bool) -> str:
    out = []
    position = 0
    while position < len(text):
        command = _COMMAND.match(text, position)
        if command:
            out.append(_escaped_command(command[0], keep_braces=keep_braces))
            position = command.end()
            continue
        if superscript := _SUPERSCRIPT.match(text, position):
            out.append(_escape_math(f"${superscript[0]}$"))
            position = superscript.end()
            continue
        out.append(_escape_character(text, position, keep_braces=keep_braces))
        position += 1
    return "".join(out)


def _escaped_command(command: str, *, keep_braces: bool) -> str:
    if command == "\\\\":  # a forced line end in a title
        return " "
    if command in (r"\{", r"\}") and not keep_braces:
        return _BRACES[command[1]]
    return command if is_text_command(command) else rf"\textbackslash{{}}{command[1:]}"


def _escape_character(text: str, position: int, *, keep_braces: bool) -> str:
    character = text[position]
    if character in _BRACES:
        return character if keep_braces else _BRACES[character]
    if character == "~":  # TeX's tie between words, a tilde anywhere else
        tie = 0 < position < len(text) - 1 and not (text[position - 1].isspace() or text[position + 1].isspace())
        return "~" if tie else r"\textasciitilde{}"
    return _SPECIAL.get(character, character)


def _protect_capitals(text: str) -> str:
    """Brace words with a capital that lower-casing would spoil, outside braces and commands."""
    out = []
    depth = end = 0
    for match in re.finditer(r"\\[A-Za-z]+|\\.|[{}]|[^\W_]+", text):
        word = match[0]
        out.append(text[end : match.start()])
        end = match.end()
        depth += (word == "{") - (word == "}")
        protected = depth == 0 and _WORD.fullmatch(word) and _needs_protection(word, first=match.start() == 0)
        out.append(f"{{{word}}}" if protected else word)
    return "".join([*out, text[end:]])


def _needs_protection(word: str, *, first: bool) -> bool:
    if len(word) == 1:
        return word.isupper() and not first and word not in "AI"
    has_inner_capital = any(character.isupper() for character in word[1:])
    letter_and_digit = word[0].isupper() and any(character.isdigit() for character in word)
    return has_inner_capital or letter_and_digit


def _is_upper(text: str) -> bool:
    """A title all in capitals: protecting each word would keep the shouting."""
    words = _WORD.findall("".join(piece for piece, is_math in split_math(text) if not is_math))
    return len(words) > 2 and all(word.upper() == word for word in words)


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0
