"""Between stored titles and the two worlds of bibliographies: TeX (BibTeX) and plain text (all others).

A stored title is as its source wrote it, with accents already made characters: formulas and text-mode
commands of arXiv's authors (``\\emph{…}``, ``~``, ``\\%``) stand beside bare ``&`` and ``%`` of sources that know
no TeX. Both functions leave formulas as they are.
"""

from __future__ import annotations

import re

from coolpapers.papers.citations.tex_math import SYMBOLS, is_settable, split_math, standard_formula
from coolpapers.papers.citations.tex_safety import is_text_command
from coolpapers.papers.records.tex_characters import encode_characters


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|[^A-Za-z])", re.DOTALL)
_EQUATION = re.compile(r"\\begin\s*\{(equation\*?|displaymath|math)\}(.+)\\end\s*\{\1\}", re.DOTALL)
_CAPITAL = re.compile(r"[A-Z]")
_OPENING = re.compile(r"\s*\{")
_ACCENTED = re.compile(r"\s*(?:[^\W\d_]|\{[^\W\d_]\}|\\[ij]\b|\{\\[ij]\})")
_ACCENTS = frozenset("'`^\"~=.")
_PRINTED_SIGNS = frozenset("&%#_$,/-")
# What other commands of one character print: \; and a forced line end are spaces.
_SPACES = {"\\": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\n": " ", "\t": " ", "!": ""}
_WITH_ARGUMENT = _names(
    "emph textbf textit textsc texttt textrm textsf textsl textup textnormal textmd text mbox textsuperscript "
    "textsubscript underline MakeUppercase MakeLowercase c v u H r k d b t textcommabelow url"
)
_SWITCHES = _names("em it bf sc tt rm sf sl bfseries itshape scshape ttfamily rmfamily sffamily")
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
_LOGOS = {"LaTeX": "LaTeX", "TeX": "TeX", "LaTeXe": "LaTeX2e", "BibTeX": "BibTeX", "XeTeX": "XeTeX"}
# What prints nothing but a blank, and a command before its argument, which alone is printed.
_LAYOUT = (
    r"\\(?:begin|end)\s*\{[a-z]{1,20}\*?\}|\\(?:item|par|newline|linebreak|noindent|bigskip|medskip|smallskip|centering|"
    r"xspace|quad|qquad|thinspace|enspace|relax|protect|nobreak|em|it|bf|sc|tt|rm|sf|sl|(?:it|sc|sl|up)shape|"
    r"(?:bf|md)series|(?:tt|rm|sf)family|tiny|small|large|Large|normalsize|footnotesize)(?![A-Za-z])\s*"
)
_SILENT_COMMAND = re.compile(rf"{_LAYOUT}|\\([A-Za-z]+)\*?(?=\{{)")
_LOGO = re.compile(rf"\\({'|'.join(_LOGOS)})(?![A-Za-z])(?:\{{\}}|\s+(?=\w))?")
_MARK = re.compile(r"\\(['`^\"~=.])(?!\s*[\w{\\])")  # an accent that stands on no letter
_TEX_SPACE = re.compile(r"\\(?:[,;: ](?=\S|\s)|\\)")
_DASHES = re.compile(r"(?<![^\w\s.,;:)\]}])(---?)(?![^\w\s({$\\])")
_ESCAPED = re.compile(r"\\([%&#_${}])")
_MAYBE_TEX = re.compile(r"[\\$~`{}]|''|--")  # without these a title is plain; each card of a page has one or two


def escape_tex(text: str, *, protect: bool = False) -> str:
    """Make text safe inside the braces of a BibTeX field.

    Formulas and commands stay, special characters are escaped, braces come out balanced as BibTeX counts
    them (it counts ``\\{`` too). With ``protect``, words whose capitals carry meaning (BERT, GPT-4, LaTeX)
    get braces, so that styles that lower-case titles leave them.
    """
    pieces = [(_escape_math(piece) if is_math else "", piece) for piece, is_math in split_math(text)]
    outside = "".join(piece for formula, piece in pieces if not formula)
    # BibTeX counts \{ as a brace, other readers do not: braces stay where they are balanced for both.
    keep_braces = _balanced(outside) and _balanced(_ESCAPED_BRACE.sub("", outside))
    shouting = _is_upper(text)
    out: list[str] = []
    for formula, piece in pieces:
        if formula:
            # A style that lower-cases titles would turn $N$ into $n$ and \Gamma into \gamma.
            if protect and _CAPITAL.search(formula):
                formula = f"{{{formula}}}"
            elif formula[1:2] != "$" and out and out[-1].endswith("$") and not out[-1].endswith("\\$"):
                formula = out.pop()[:-1] + formula[1:]  # two formulas side by side would look like a display
            out.append(formula)
        else:
            escaped = _escape_text(piece, keep_braces=keep_braces)
            escaped = _protect_capitals(escaped, words=not shouting) if protect else escaped
            out.append(encode_characters(escaped))
    return "".join(out)


def plain_text(text: str) -> str:
    """The title as a person would type it: text-mode TeX resolved, formulas left in their dollars.

    A command that nobody knows stays: ``\\sqrtT Regret`` would be another title without it.
    """
    if _MAYBE_TEX.search(text) is None:
        return " ".join(text.split())
    out = []
    pieces = list(split_math(text))
    guarded = _balanced("".join(piece for piece, is_math in pieces if not is_math))
    for piece, is_math in pieces:
        if is_math:
            out.append(piece)
            continue
        if "\\" in piece:
            piece = _TEX_SPACE.sub(" ", _MARK.sub(r"\1", _TEXT_STYLE.sub(r"\1", piece)))
            piece = _SILENT_COMMAND.sub(_without_command, _LOGO.sub(lambda match: _LOGOS[match[1]], piece))
        piece = re.sub(r"(?<=\S)(?<!\\)~(?=\S)", " ", piece).replace("``", "“").replace("''", "”")
        piece = _DASHES.sub(lambda match: "—" if len(match[1]) == 3 else "–", piece)
        if guarded:
            piece = re.sub(r"(?<!\\)[{}]", "", piece)
        out.append(_ESCAPED.sub(r"\1", piece))
    return " ".join("".join(out).split())


def _without_command(match: re.Match[str]) -> str:
    """Nothing, but a symbol stays where a group follows that is no argument: ``\\Omega{0}`` of a broken formula."""
    return match[0] if match[1] in SYMBOLS else ""


def _escape_math(math: str) -> str:
    """A formula that TeX can read; "" where it cannot, so that it is printed as text."""
    if environment := _EQUATION.fullmatch(math):
        math = f"\\({environment[2].strip()}\\)"
    math = standard_formula(math)
    # An unescaped % would hide the rest of the line; & stands in tables only.
    special = r"(?<!\\)([%#])" if "\\begin" in math else r"(?<!\\)([%#&])"
    math = re.sub(special, r"\\\1", math)
    if not _balanced(math):
        math = re.sub(r"\\[{}]", lambda match: _MATH_BRACES[match[0]], math)
    return math if _balanced(math) and is_settable(math) else ""


def _escape_text(text: str, *, keep_braces: bool) -> str:
    out = []
    position = 0
    while position < len(text):
        command = _COMMAND.match(text, position)
        if command:
            out.append(_escaped_command(command[0], text, command.end(), keep_braces=keep_braces))
            position = command.end()
            continue
        if (superscript := _SUPERSCRIPT.match(text, position)) and (formula := _escape_math(f"${superscript[0]}$")):
            out.append(formula)
            position = superscript.end()
            continue
        out.append(_escape_character(text, position, keep_braces=keep_braces))
        position += 1
    return "".join(out)


def _escaped_command(command: str, text: str, end: int, *, keep_braces: bool) -> str:
    """The command where LaTeX can set it there, else what it would have printed."""
    name = command[1:]
    if not name[0].isalpha():
        return _escaped_sign(name, text, end, keep_braces=keep_braces)
    if not is_text_command(command):
        return rf"\textbackslash{{}}{name}"
    if name in _WITH_ARGUMENT:
        return command if keep_braces and _OPENING.match(text, end) and name != "url" else ""
    if name in _SWITCHES:
        return command if keep_braces and text[: end - len(command)].rstrip().endswith("{") else ""
    return command


def _escaped_sign(sign: str, text: str, end: int, *, keep_braces: bool) -> str:
    if sign in "{}":
        return f"\\{sign}" if keep_braces else _BRACES[sign]
    if sign in _ACCENTS:  # one that stands on no letter is a mark
        return f"\\{sign}" if keep_braces and _ACCENTED.match(text, end) else _SPECIAL.get(sign, sign)
    if sign in _PRINTED_SIGNS:
        return f"\\{sign}"
    return _SPACES.get(sign, sign)


def _escape_character(text: str, position: int, *, keep_braces: bool) -> str:
    character = text[position]
    if character in _BRACES:
        return character if keep_braces else _BRACES[character]
    if character == "~":  # TeX's tie between words, a tilde anywhere else
        tie = 0 < position < len(text) - 1 and not (text[position - 1].isspace() or text[position + 1].isspace())
        return "~" if tie else r"\textasciitilde{}"
    return _SPECIAL.get(character, character)


def _protect_capitals(text: str, *, words: bool) -> str:
    """Brace words and commands with a capital that lower-casing would spoil, outside braces."""
    out = []
    depth = end = 0
    for match in re.finditer(r"\\[A-Za-z]+|\\.|[{}]|[^\W_]+", text):
        word = match[0]
        out.append(text[end : match.start()])
        end = match.end()
        depth += (word == "{") - (word == "}")
        if word[0] == "\\":
            protected = depth == 0 and bool(_CAPITAL.search(word))
        else:
            is_word = words and depth == 0 and _WORD.fullmatch(word) is not None
            protected = is_word and _needs_protection(word, first=match.start() == 0)
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
