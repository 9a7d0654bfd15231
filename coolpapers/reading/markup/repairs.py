r"""What is mended in a text before anything reads it (R11), and characters no page may contain.

A summary that was JSON-decoded once too often has ``\b`` turned into a backspace and ``\t`` into a tab:
``\beta`` and ``\times`` lost their backslash. Start at :func:`mend_text`.
"""

from __future__ import annotations

import re

_DAMAGE = re.compile(r"[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\ud800-\udfff\t\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_LOST_ESCAPES = {"\x07": "\\a", "\x08": "\\b", "\x0b": "\\v", "\x0c": "\\f"}
_LOST_ESCAPE = re.compile(r"[\x07\x08\x0b\x0c](?=[A-Za-z])")
# \text{ \textbf{ \theta \tilde \times \triangle \tfrac: endings that no word after a tab has.
_LOST_TAB = re.compile(r"\t(?=ext[a-z]{0,6}\{|heta|ilde|imes|riangle|frac)")
# The same where the tab (or the carriage return of \rightarrow) has become a space since, directly behind a dollar,
# and the short names that need a dollar before them to be told from words.
_LOST_IN_MATH = re.compile(
    r"\$(?: (?=(ext[a-z]{0,2}\{|imes\b|heta\b|ilde\{)|ightarrow\b)|\t(?=((?:au|o|an|anh|op|ag)(?![A-Za-z]))))"
)
_LINE_END = re.compile(r"\r\n?")
# HTML cannot hold these (nor can UTF-8 hold a lone surrogate); form feeds and vertical tabs are spaces.
_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACE = re.compile(r"[\x0b\x0c]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")


def mend_text(text: str) -> str:
    r"""Give lost backslashes back, make line ends ``\n``, replace or drop characters HTML cannot hold."""
    if "$ " in text or "$\t" in text:
        text = _LOST_IN_MATH.sub(lambda match: "$\\t" if match[1] or match[2] else "$\\r", text)
    if text.isprintable() or _DAMAGE.search(text) is None:  # the first is quicker, and true of most texts
        return text
    text = text.removeprefix("\ufeff")
    text = _LOST_ESCAPE.sub(lambda match: _LOST_ESCAPES[match[0]], text)
    text = _LOST_TAB.sub(r"\\t", text)
    text = _LINE_END.sub("\n", text)
    return _CONTROL.sub("", _SPACE.sub(" ", _FORBIDDEN.sub("\ufffd", text)))
