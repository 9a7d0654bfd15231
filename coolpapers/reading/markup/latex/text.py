r"""Titles and abstracts: TeX as authors write it in running text, and no Markdown at all (R13).

``\emph{x}``, ``{\bf x}``, ``\%``, ``Fig.~3``, ``\url{…}``, TeX quotes and ``\cite{…}`` are read into a flat list
of events (:mod:`coolpapers.reading.markup.latex.events`) around the formulas of
:func:`~coolpapers.reading.markup.math.spans.split_math`. One pass with an explicit stack: linear, and no depth of
braces can overflow it. Start at :func:`read_text`.
"""

from __future__ import annotations

import re
import unicodedata

from coolpapers.reading.markup.latex.events import Event
from coolpapers.reading.markup.latex.html_tags import ENTITY, TAG, decode_entity, paired_tags, read_tag
from coolpapers.reading.markup.latex.mathematics import EMPTY_BRACES, MathematicsReader
from coolpapers.reading.markup.latex.names import Naming, unknown_name
from coolpapers.reading.markup.latex.reader import ARGUMENT, Group
from coolpapers.reading.markup.latex.symbols import (
    DROPPED_WITH_ARGUMENT,
    ESCAPES,
    GREEK,
    HIDDEN_ARGUMENTS,
    NAMED,
    TAGS,
)
from coolpapers.reading.markup.math.spans import split_math
from search.vocabulary.accents import COMBINING, LETTERS

_SPECIAL = re.compile(r"[$\\{}~]|``|''|\n\s*\n|<[/a-zA-Z]|&[#A-Za-z]|https?://")
_SIGNS = (
    "$",
    "\\",
    "{",
    "}",
    "~",
    "``",
    "''",
    "\n",
    "<",
    "&",
    "://",
)  # without any nothing is special, which is quicker seen
_TOKEN = re.compile(
    rf"""\\(?P<name>[A-Za-z]+)\*? | \\(?P<symbol>[\s\S]) | (?P<brace>[{{}}]) | (?P<tie>~+) | (?P<quote>``|'')
      | (?P<address>https?://(?:[^\s{{}}\\$<>"']|\\[_%&\#~])+) | (?P<blank>\n\s*\n)
      | (?P<tag>{TAG.replace(" ", "[ ]")}) | (?P<entity>{ENTITY})""",
    re.VERBOSE,
)
# What a token begins with.
_SIGN, _SIGN_OR_ADDRESS = re.compile(r"[\\{}~`'\n<&]"), re.compile(r"[\\{}~`'\n<&h]")
_ACCENT_BASE = re.compile(
    r"\s*(?:\{\s*(?:\\(?P<letter>[ij])|(?P<braced>[^\W\d_]{1,2}))?\s*\}|\\(?P<command>[ij])(?![A-Za-z])(?:\{\}|\s)?|(?P<bare>[^\W\d_]))"
)
# \rho that a converter took for the accent \r on "ho".
_BROKEN_GREEK = re.compile(r"\{([a-z]{1,8})\}")
_POSSESSIVE = re.compile(r"(?:s|t|d|re|ll|ve)(?![A-Za-z])")
_QUOTED = re.compile(r'\w[^\\"]{0,80}\\"(?![A-Za-z{])')
_LETTER_END = re.compile(r"\{\}|\s(?=\w)")
_SPACE = re.compile(r"\s")
_LABEL = re.compile(r"\s*\[([^\[\]{}$\\]{0,40})\]")
# \\[2pt], and \& that was escaped for HTML as well.
_AFTER_SYMBOL = {"\\": re.compile(r"\*?\[[\d.]+\s*[a-z]{2}\]"), "&": re.compile("amp;")}
_DIMENSION = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in|pc)\b")
_ADDRESS_ARGUMENT = re.compile(r"\s*\{\s*([^{}\s]*)\s*\}")
_ENVIRONMENT_ARGUMENTS = re.compile(r"\s*\{[A-Za-z]+\*?\}(?:\[[^\[\]]{0,80}\])?(?:\{[lcrpX@|.\d\s]{1,40}\})?")
_BARE_ADDRESS = re.compile(r"https?://[A-Za-z0-9](?:(?![<>\"`{}|^])[!-~])*")
_WEB_ADDRESS = re.compile(r"https?://[^\s\"<>]+")


def read_text(text: str, *, links: bool = True) -> list[Event]:
    """The events of a title (``links=False``) or an abstract, in order; opens and closes are balanced."""
    if not any(map(text.__contains__, _SIGNS)) or _SPECIAL.search(text) is None:
        return [Event("text", text)] if text else []
    return AbstractReader(text, links=links).read()


def _next_token(text: str, position: int, end: int, *, start: re.Pattern[str]) -> re.Match[str] | None:
    """The first token from ``position`` on, which begins with a sign that ``start`` finds.

    The expression of all tokens is tried at these signs only: at each character, it took longer than the rest.
    """
    while sign := start.search(text, position, end):
        if token := _TOKEN.match(text, sign.start(), end):
            return token
        position = sign.end()
    return None


def is_plain(text: str) -> bool:
    """Whether a text is its own HTML: printable, without a sign that this module, HTML or a formula gives a meaning."""
    return text.isprintable() and ">" not in text and not any(map(text.__contains__, _SIGNS))


def shown_text(source: str) -> str:
    """What an argument of an operator, a fraction or a root shows; as short as those are, it holds few others."""
    return AbstractReader("", links=False).shown_text(source)


def text_address(text: str) -> str:
    """The address of the web that a stretch without spaces begins with; "" if it begins with none.

    Signs at its end belong to the sentence, as does a closing bracket that opens before the address.

    >>> text_address("https://a.b/c_(d)),"), text_address("https://a.b/c.pdf."), text_address("https://")
    ('https://a.b/c_(d)', 'https://a.b/c.pdf', '')
    """
    match = _BARE_ADDRESS.match(text)
    address = match[0] if match else ""
    surplus = {closing: address.count(closing) - address.count(opening) for opening, closing in ("()", "[]")}
    end = len(address)
    while end and (address[end - 1] in ".,;:!?*" or surplus.get(address[end - 1], 0) > 0):
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return address[:end]


class AbstractReader(MathematicsReader):
    """What the commands and signs of a title or an abstract mean."""

    def read(self) -> list[Event]:
        """The events of the whole text."""
        pieces = split_math(self.text)
        has_tags = "<" in self.text or "&lt;" in self.text
        self._tags = (
            paired_tags(self.text, ((piece.start, piece.end) for piece in pieces if piece.kind == "text"))
            if has_tags
            else set[int]()
        )
        for piece in pieces:
            if piece.formula is not None:
                self.events.append(Event("math", formula=piece.formula))
                self.position = max(self.position, piece.end)
            else:
                self._read_piece(max(piece.start, self.position), piece.end)
        while self.groups:
            self.close_elements(self.groups.pop())
        return self.events

    def _read_piece(self, start: int, end: int) -> None:
        self.position, self.end = start, end
        sign = _SIGN_OR_ADDRESS if self.text.find("://", start, end) >= 0 else _SIGN
        while self.position < end:
            token = _next_token(self.text, self.position, end, start=sign)
            if token is None:
                self.say(self.text[self.position : end])
                self.position = end
                return
            self.say(self.text[self.position : token.start()])
            self.position = token.end()
            self._token(token)

    def _token(self, token: re.Match[str]) -> None:
        kind, value = token.lastgroup, token[0]
        if kind == "name":
            self._command(token["name"])
        elif kind == "symbol":
            self._symbol(token["symbol"])
        elif kind == "brace":
            self.open_brace(token.start()) if value == "{" else self.close_brace()
        elif kind == "tie":
            self.say(" " if self._is_tie(token.start(), token.end()) else value)
        elif kind == "quote":
            self.say("“" if value == "``" else "”")
        elif kind == "address":
            self._bare_address(re.sub(r"\\(.)", r"\1", value))
        elif kind == "tag":
            self._tag(token)
        elif kind == "entity":
            self.say(decode_entity(value))
        elif self.links:
            self.events.append(Event("break"))
        else:
            self.say(" ")

    def _tag(self, token: re.Match[str]) -> None:
        """A tag of HTML with its partner; any other stays text."""
        if token.start() not in self._tags:
            self.say(decode_entity(token[0][:4]) + token[0][4:] if token[0].startswith("&lt;") else token[0])
            return
        element, closes = read_tag(token[0])
        if element:
            self.events.append(Event("close" if closes else "open", element))
        elif token[0].lower().lstrip("&lt;<").startswith("br"):
            self.say(" ")

    def _is_tie(self, start: int, end: int) -> bool:
        """Between two non-space characters, but not "(~10 %" nor "5~10", where it says "about" and "to"."""
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        if not before or not after or before.isspace() or after.isspace():
            return False
        return before not in "([{+/%" and not (before.isdigit() and after.isdigit())

    # ---- commands -----------------------------------------------------------------------------------

    def _command(self, name: str) -> None:
        if name in COMBINING and self._accent(name):
            return
        if name in LETTERS:
            self.say(LETTERS[name])
            self.skip(_LETTER_END)
        elif name in TAGS:
            self.open_argument(TAGS[name])
        elif name.startswith("cite") or name in DROPPED_WITH_ARGUMENT:
            self.drop_argument()
        elif name in ("url", "path", "href"):
            self._address(name)
        elif name in ("begin", "end"):
            self.skip(_ENVIRONMENT_ARGUMENTS)
            self.say(" ")
        elif name in NAMED:
            self._named(NAMED[name])
        elif not self.mathematics(name):
            self._unknown(name)

    def _named(self, sign: str) -> None:
        if sign.endswith(".") and self.text.startswith(".", self.position):
            sign = sign.removesuffix(".")  # "\eg." at the end of a sentence
        self.say(sign)
        if sign in ("“", "‘"):
            self.skip(_SPACE)
        elif sign == "•" and (label := _LABEL.match(self.text, self.position)):
            self.say(f" {label[1]}")
            self.position = label.end()
        self.keep_arguments(hidden=0)

    def _unknown(self, name: str) -> None:
        """A name that only formats is lost, its argument kept; one that swallowed its braces gives the rest back.

        What only the authors know is shown: the argument, or the name where there is none.
        """
        naming, shown, rest = unknown_name(name)
        if naming is Naming.SPLIT and shown == "sqrt" and len(rest) > 1:
            self.say(f"√({rest})")
        elif naming is Naming.SPLIT:
            self.position -= len(rest)
            self._command(shown)
        elif naming is Naming.SHOWN and (self.skip(EMPTY_BRACES) or not self.has_argument()):
            self.say_apart(shown)
        else:
            self.say(rest)
            self.skip(_DIMENSION) if name in ("vskip", "hskip", "kern") else None
            self.keep_arguments(hidden=HIDDEN_ARGUMENTS.get(name, 0))

    def _symbol(self, symbol: str) -> None:
        if symbol == '"' and not self.text[self.position - 3 : self.position - 2].isalpha() and self._opens_quote():
            self.say('"')
        elif symbol == "'" and self._is_possessive():
            self.say("'")
        elif symbol not in COMBINING or not self._accent(symbol):
            self.say(ESCAPES.get(symbol, symbol))
            if symbol in _AFTER_SYMBOL:
                self.skip(_AFTER_SYMBOL[symbol])

    def _opens_quote(self) -> bool:
        """A program escaped the quotation mark of a word: no umlaut."""
        return _QUOTED.match(self.text, self.position) is not None

    def _is_possessive(self) -> bool:
        before = self.text[self.position - 3 : self.position - 2]
        return before.isalpha() and _POSSESSIVE.match(self.text, self.position) is not None

    def _accent(self, accent: str) -> bool:
        broken = _BROKEN_GREEK.match(self.text, self.position)
        if broken and accent + broken[1] in GREEK:
            self.say(GREEK[accent + broken[1]])
            self.position = broken.end()
            return True
        base = _ACCENT_BASE.match(self.text, self.position)
        if base is None or (base["bare"] and accent.isalpha() != base[0][:1].isspace()):
            return False  # A letter needs a space before its base (\v s), a sign stands on it (\'e).
        if accent in "bd" and base["bare"]:
            return False  # "\b black" is a broken \textbf more often than a letter with a bar.
        letters = base["letter"] or base["command"] or base["braced"] or base["bare"] or ""
        self.say(unicodedata.normalize("NFC", letters[:1] + COMBINING[accent] + letters[1:]) if letters else "")
        self.position = base.end()
        return True

    def _bare_address(self, text: str) -> None:
        """An address in running text is a link, without the sentence's signs behind it; no link stands in another."""
        address = text_address(text)
        if not self.links or not address or any("a" in group.closes for group in self.groups):
            self.say(text)
            return
        self.events += [Event("link", address), Event("text", address), Event("close", "a")]
        self.say(text[len(address) :])

    def _address(self, name: str) -> None:
        r"""``\url{…}`` and ``\href{…}{text}``: a link where links are wanted and the address is one of the web."""
        argument = _ADDRESS_ARGUMENT.match(self.text, self.position)
        if argument is None:
            self.keep_arguments(hidden=HIDDEN_ARGUMENTS.get(name, 0))
            return
        address = re.sub(r"\\([_%&#~{}])", r"\1", argument[1])
        linked = self.links and _WEB_ADDRESS.fullmatch(address) is not None
        self.position = argument.end()
        is_whole = name != "href" or not self.skip(ARGUMENT)
        if linked:
            self.events.append(Event("link", address))
        if is_whole:
            self.say(address)
            if linked:
                self.events.append(Event("close", "a"))
        else:
            self.groups.append(Group(closes=["a"] if linked else []))
