r"""What a stretch of text looks like: TeX, an amount of money, words.

Pure predicates for :mod:`coolpapers.reading.markup.math.acceptance`; each looks once at the text given.
"""

from __future__ import annotations

import re

# \name, \, \{ and so on; not the delimiters \( \) \[ \], not a line end, an escaped dollar or backslash. A name counts
# behind two backslashes as well: that is damage which is mended later (R11).
_COMMAND = re.compile(r"\\[A-Za-z]|(?<!\\)(?:\\\\)*\\[^A-Za-z0-9\n()\[\]$\\]")
# The same without \% \& \# \_: those stand in money and prose as well ("$5\%-$10\%").
_MATH_COMMAND = re.compile(r"\\[A-Za-z]|(?<!\\)(?:\\\\)*\\[^A-Za-z0-9\s()\[\]$%&#_\\]")
_SCRIPT = re.compile(r"(?<!\\)[\^_]")
_RELATION = re.compile(r"\s*[<>=≤≥≠≈∼≪≫]+\s*")
_LETTER_OR_CALL = re.compile(r"\s*[A-Za-zΑ-Ωα-ω](?:[A-Za-z0-9]{0,7}'*\([^()$]*\))?\s*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CJK_PUNCTUATION = re.compile(r"[\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—]")
_COMMAND_WITH_TEXT = re.compile(r"\\[A-Za-z]+\*?(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})?")
_WORD = re.compile(r"[A-Za-z]{2,}")
_RUNNING_WORDS = re.compile(r"\b(?:[a-z]{2,}\s(?:a\s)?){3}[a-z]{2,}\b")
_PLAIN_WORD = re.compile(r"(?<!\\)\b[A-Za-z]{3,}")
_RELATION_SIGN = re.compile(r"[=<>]")
# Words that make an amount a sentence all by themselves: "$3 and 5$", "$3 million$".
_PROSE_WORD = re.compile(
    r"\b(?:and|or|to|per|for|in|on|of|at|by|as|vs|the|is|are|was|were|from|with|than|each|every|about|over|under|up|only"
    r"|thousand|million|billion|trillion|dollars?|cents?|USD|EUR)\b"
)
_MATH_SIGN = re.compile(r"[\\^_=<>+*/|≤≥≠≈∼×·→]")
_SECOND_AMOUNT = re.compile(r"\s*[-–—~/,;、，至到]\s*\d[\d.,]*\s?[kKmMbB]?\s*")
_BRACE_OR_DOLLAR = re.compile(r"\\.|[{}$]", re.DOTALL)


def has_command(content: str) -> bool:
    return _COMMAND.search(content) is not None


def is_clear(content: str) -> bool:
    """A TeX command, a sub- or superscript, or only relation signs: nobody writes that about money."""
    return has_command(content) or _SCRIPT.search(content) is not None or _RELATION.fullmatch(content) is not None


def is_clear_beside_digits(content: str) -> bool:
    r"""As :func:`is_clear`, but an escaped sign such as ``\%`` is not enough."""
    return (
        _MATH_COMMAND.search(content) is not None
        or _SCRIPT.search(content) is not None
        or _RELATION.fullmatch(content) is not None
    )


def is_letter_or_call(content: str) -> bool:
    """``S``, ``O(n)``, ``f'(x, y)``, with or without spaces around."""
    return _LETTER_OR_CALL.fullmatch(content) is not None


def has_cjk(content: str) -> bool:
    """Chinese, Japanese or Korean characters; their punctuation does not count."""
    return _CJK.search(content) is not None


def has_cjk_punctuation(content: str) -> bool:
    return _CJK_PUNCTUATION.search(content) is not None


def is_glued(character: str) -> bool:
    """A letter or digit directly beside a mark; Chinese text has no spaces and does not count."""
    return character.isalnum() and not _CJK.match(character)


def is_amount_and_words(content: str, *, least: int) -> bool:
    """``1M total). We then define``: starts with a digit and goes on in ``least`` or more words."""
    stripped = content.lstrip()
    if not stripped[:1].isdigit() or _MATH_COMMAND.search(stripped) or "=" in stripped or _SCRIPT.search(stripped):
        return False
    return len(_WORD.findall(stripped)) >= least or _PROSE_WORD.search(stripped) is not None


def has_relation(content: str) -> bool:
    return _RELATION_SIGN.search(content) is not None


def is_wordless_relation(content: str) -> bool:
    """``s > 3``: a relation and no word."""
    return has_relation(content) and _WORD.search(content) is None


def has_word(content: str) -> bool:
    """A word of three letters or more that is no command."""
    return _PLAIN_WORD.search(content) is not None


def is_running_text(content: str) -> bool:
    """Four small words in a row, outside commands and braces: two stray dollars with a sentence between them."""
    return " " in content and _RUNNING_WORDS.search(_COMMAND_WITH_TEXT.sub("", content)) is not None


def is_second_amount(content: str) -> bool:
    """``-200``: what stands between the dollars of ``100$-200$``."""
    return _SECOND_AMOUNT.fullmatch(content) is not None


def is_sentence(content: str) -> bool:
    """Two words and no sign of mathematics: ``ha and A`` between the dollars of "Ke$ha and A$AP"."""
    return len(_WORD.findall(content)) > 1 and not _MATH_SIGN.search(content)


def is_words(content: str) -> bool:
    r"""Only words: what stands between ``$$`` and ``$$`` in "tiers $$ and $$", or in ``\[see below\]``."""
    if _MATH_SIGN.search(content):
        return False
    if len(_CJK.findall(content)) > 1 and ("\n" in content or has_cjk_punctuation(content)):
        return True
    words = _WORD.findall(_COMMAND_WITH_TEXT.sub("", content))
    if len(words) > 1:
        return any(len(word) > 2 for word in words)
    return len(words) == 1 and content[0].isspace() and content[-1].isspace() and "\n" not in content


def reads_as_math(tex: str) -> bool:
    """Whether an inline formula over several lines may hold lines together that look like lists or headings."""
    return is_clear(tex) or "=" in tex or not re.search("[A-Za-z]{3}", tex)


def is_surely_math(content: str) -> bool:
    """Math signs and hardly a word: good enough to reach from the end of a sentence over a blank line."""
    return (is_clear(content) or "=" in content) and len(_PLAIN_WORD.findall(content)) < 3


def is_money_or_prose(content: str) -> bool:
    """Whether an unfinished ``$…`` reads as an amount or as words, so that it need not be held back (R14)."""
    if not content or is_clear(content):
        return False
    return content[0].isdigit() or content[0].isspace() or len(_WORD.findall(content)) > 1


def has_dollar_outside_braces(content: str) -> bool:
    if "$" not in content:
        return False
    depth = 0
    for match in _BRACE_OR_DOLLAR.finditer(content):
        if match[0] == "$" and depth <= 0:
            return True
        depth += {"{": 1, "}": -1}.get(match[0], 0)
    return False
