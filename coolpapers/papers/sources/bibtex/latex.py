r"""TeX of BibTeX fields as the catalogue's text: accents as characters, no guarding braces, formulas as they are. Pure.

Commands that the site renders stay (``\emph{…}``, ``\textsc{…}``); those that only BibTeX needs go.
"""

from __future__ import annotations

import re

from coolpapers.papers.records.cleaning import plain_tex_name
from coolpapers.papers.records.tex_characters import character_of
from search.vocabulary.accents import decode_tex_accents, outside_math, split_math

# A command with an option that stands before its argument, \includegraphics[width=1cm]{…}.
_COMMANDS = re.compile(r"\\([A-Za-z]+)\*?(?:\[[^\[\]{}$]{0,200}\](?=\{))?\s*|\\(.)|([{}])|(~)|(``|''|---?)", re.DOTALL)
# The argument alone is the text.
_TRANSPARENT_NAMES = (
    "textrm textnormal textup textmd mbox hbox text textsf uppercase MakeUppercase NoCaseChange natexlab url nolinkurl "
    "bibstring mkbibacro mkbibparens smash framebox makebox fbox hl uline"
)
_TRANSPARENT = frozenset(_TRANSPARENT_NAMES.split())
# Switches of size and weight that print nothing; {\boldmath $x$} is its formula.
_VANISHING_NAMES = (
    "protect relax nobreakdash / - boldmath unboldmath tiny scriptsize footnotesize small normalsize large Large LARGE "
    "huge Huge noindent xspace leavevmode bgroup egroup unskip ignorespaces sloppy par newline linebreak nolinebreak "
    "displaystyle textstyle mdseries nobreak allowbreak break centering raggedright"
)
_VANISHING = frozenset(_VANISHING_NAMES.split())
# The argument sorts, marks or leads elsewhere and is no part of the text.
_HIDDEN_NAMES = (
    "noopsort SortNoop noop thanks footnote footnotemark footnotetext inst orcid orcidlink orcidID orcidicon "
    "IEEEauthorrefmark IEEEmembership IEEEcompsocitemizethanks fnref corref tnoteref tnotemark fnmark cormark label "
    "index phantom hphantom vphantom hspace vspace includegraphics selectlanguage color altaffiliation affiliation "
    "affil email ead markboth"
)
_HIDDEN = frozenset(_HIDDEN_NAMES.split())
# Of two arguments the second is the text; of \texorpdfstring the first.
_SECOND_NAMES = (
    "href textcolor colorbox foreignlanguage textlang bibinfo bibfield raisebox scalebox hyperlink hypertarget"
)
_SECOND = frozenset(_SECOND_NAMES.split())
_FIRST = frozenset({"texorpdfstring"})
_RENAMED = {"mkbibemph": "emph", "mkbibitalic": "emph", "mkbibbold": "textbf"}
_QUOTING = frozenset({"enquote", "mkbibquote"})
# {\em x}: a switch inside its group.
_SWITCHES = {
    "em": "emph", "it": "emph", "itshape": "emph", "sl": "emph", "slshape": "emph", "bf": "textbf",
    "bfseries": "textbf", "tt": "texttt", "ttfamily": "texttt", "sc": "textsc", "scshape": "textsc", "rm": "",
    "rmfamily": "", "sf": "", "sffamily": "", "normalfont": "", "upshape": "",
}  # fmt: skip
_SPACES = frozenset(" ,;:>")
_ESCAPED = frozenset("&%#_")
_SIGNS = {"``": "“", "''": "”", "---": "—", "--": "–"}
_ENSURED = re.compile(r"\\ensuremath\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_EMPTY_SIGN = re.compile(r"\\(?:([\^~])\{\s*\}|textasciitilde(?:\s*\{\}|(?![A-Za-z])\s*))")
# Signs that TeX reads otherwise, as controls, which no text holds, while braces and commands are read.
_TILDE, _BACKSLASH, _LEFT_BRACE, _RIGHT_BRACE = "\x1a", "\x1c", "\x1d", "\x1e"
_KEPT = {_TILDE: "~", _BACKSLASH: "\\", _LEFT_BRACE: "{", _RIGHT_BRACE: "}"}
_KEPT_SIGN = re.compile("[\x1a\x1c-\x1e]")
# A command that was exported as text. Before fewer letters a backslash could be an accent.
_PRINTED_COMMAND = re.compile(r"\\textbackslash(?:\s*\{\}|\s+)(?=\{?[A-Za-z]{2})")
_PRINTED_BRACE = re.compile(r"\\textbrace(left|right)(?:\s*\{\}|(?![A-Za-z])\s*)")
_WHITE = re.compile(r"\s+")
_FORGET = "forget what the group holds"
_FORGET_FIRST = "forget it, the argument behind it is the text"
_FORGET_SECOND = "keep it, and forget the argument behind it"
# What closes the argument of a command that is no style.
_CLOSINGS = {
    **dict.fromkeys(_QUOTING, "”"),
    **dict.fromkeys(_HIDDEN, _FORGET),
    **dict.fromkeys(_SECOND, _FORGET_FIRST),
    **dict.fromkeys(_FIRST, _FORGET_SECOND),
}
_MAX_DEPTH = 1_000  # braces inside braces; more guard nothing


def plain_text(value: str) -> str:
    r"""The text of a field.

    >>> plain_text(r"{The Large $N$ limit of {\'E}coles} and {\em Drosophila}")
    'The Large $N$ limit of Écoles and \\emph{Drosophila}'
    """
    text = _WHITE.sub(" ", value).strip()
    if not _needs_reading(text):
        return text
    if "\\ensuremath" in text:
        text = _ENSURED.sub(lambda match: character_of(match[1]) or f"${match[1]}$", text)
    text = decode_tex_accents(outside_math(text, _protect_signs))
    text = _KEPT_SIGN.sub(lambda match: _KEPT[match[0]], _Group().read(text))
    return _WHITE.sub(" ", text).strip()


def _protect_signs(prose: str) -> str:
    """A circumflex that stands alone as the character, a tilde as a mark: ``~`` itself is TeX's tie. Backslashes and
    braces that are printed likewise.
    """
    if "\\text" in prose:
        prose = _PRINTED_COMMAND.sub(_BACKSLASH, prose)
        prose = _PRINTED_BRACE.sub(lambda match: _LEFT_BRACE if match[1] == "left" else _RIGHT_BRACE, prose)
    return _EMPTY_SIGN.sub(lambda match: "^" if match[1] == "^" else _TILDE, prose)


def plain_name(value: str) -> str:
    """A person's name without TeX: every brace goes, also around a group's whole name.

    An *and* that braces guard joins two words of one name, so no break is allowed before it: ``Barnes\xa0and Noble``.
    """
    return plain_tex_name(plain_text(value)).replace(" and ", "\xa0and ")


def _needs_reading(text: str) -> bool:
    return any(sign in text for sign in ("\\", "{", "}", "~", "``", "''", "--"))


class _Group:
    """Writes a text without the braces that guard nothing but capitals; one pass, a stack of open braces."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        # Where each open group begins in the pieces, and what closes it.
        self._open: list[tuple[int, str]] = []
        self._command = ""  # a command whose argument may follow

    def read(self, text: str) -> str:
        for is_math, piece in split_math(text):
            if is_math:
                self._text(piece)
            else:
                self._prose(piece)
        self._flush()
        return "".join(self._pieces)

    def _text(self, piece: str) -> None:
        if piece:
            self._flush()
            self._pieces.append(piece)

    def _flush(self) -> None:
        """A command that no brace follows stands for itself."""
        name, self._command = self._command, ""
        if not name or name in _VANISHING or name in _HIDDEN:
            return
        if name in _SWITCHES and self._open:
            place, _ = self._open[-1]
            if place == len(self._pieces) and _SWITCHES[name]:
                self._open[-1] = (place, "}")
                self._pieces.append(f"\\{_SWITCHES[name]}{{")
            return
        self._pieces.append(f"\\{name} ")

    def _prose(self, prose: str) -> None:
        start = 0
        for token in _COMMANDS.finditer(prose):
            self._text(prose[start : token.start()])
            start = token.end()
            name, sign, brace, tie, typographic = token.groups()
            if name:
                self._flush()
                self._command = name
            elif brace == "{":
                self._open_group()
            elif brace == "}":
                self._close_group()
            elif sign:
                self._sign(sign)
            else:
                self._text(" " if tie else _SIGNS[typographic])
        self._text(prose[start:])

    def _sign(self, sign: str) -> None:
        if sign in _SPACES or sign.isspace():
            self._text(" ")
        elif sign in _ESCAPED:
            self._text(sign)
        elif sign not in _VANISHING:
            self._text(f"\\{sign}")

    def _open_group(self) -> None:
        name, self._command = self._command, ""
        if name in _SWITCHES or (name and name in _VANISHING and name not in _TRANSPARENT):
            self._command = name
            self._flush()
            name = ""
        if name in _QUOTING:
            self._pieces.append("“")
        elif name and name not in _CLOSINGS and name not in _TRANSPARENT:
            self._pieces.append(f"\\{_RENAMED.get(name, name)}{{")
        closing = _CLOSINGS.get(name, "}" if name and name not in _TRANSPARENT else "")
        if len(self._open) < _MAX_DEPTH:
            self._open.append((len(self._pieces), closing))

    def _close_group(self) -> None:
        self._flush()
        if not self._open:
            return
        place, closing = self._open.pop()
        if closing in (_FORGET, _FORGET_FIRST):
            del self._pieces[place:]
            self._command = "relax" if closing == _FORGET_FIRST else ""
        elif closing == _FORGET_SECOND:
            self._command = "noop"
        else:
            self._pieces.append(closing)
