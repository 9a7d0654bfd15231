r"""Which pairs of marks are formulas (rules R2 to R5): money, shell variables and citations stay text.

Pure predicates over a text and a :class:`~coolpapers.reading.scan.Pair` in it. Start at :func:`is_formula`.
"""

from __future__ import annotations

import re

from coolpapers.reading.scan import Kind, Pair

# \name, \, \{ and so on; not the delimiters \( \) \[ \], not a line end, not an escaped dollar.
_COMMAND = re.compile(r"\\(?:[A-Za-z]|[^A-Za-z0-9\n()\[\]$])")
# The same without \% \& \# \_: those stand in money and prose as well ("$5\%-$10\%").
_MATH_COMMAND = re.compile(r"\\(?:[A-Za-z]|[^A-Za-z0-9\s()\[\]$%&#_])")
_SCRIPT = re.compile(r"(?<!\\)[\^_]")
_RELATION = re.compile(r"\s*[<>=≤≥≠≈∼≪≫]+\s*")
_LETTER_OR_CALL = re.compile(r"\s*[A-Za-zΑ-Ωα-ω](?:[A-Za-z0-9]{0,7}'*\([^()$]*\))?\s*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CJK_PUNCTUATION = re.compile(r"[\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—]")
_CLOSING_BRACKETS = frozenset(")]}»")
_COMMAND_WITH_TEXT = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})?")
_WORD = re.compile(r"[A-Za-z]{2,}")
_MATH_SIGN = re.compile(r"[\\^_=<>+*/|\d≤≥≠≈∼×·→]")
_CITATION = re.compile(r"\s*\d+(?:\s*[,;–—-]\s*\d+)*\s*")
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)
# A longer unfinished formula is more likely a stray mark: show the text.
MAX_UNFINISHED_CHARACTERS = 4_000
_INNER_MARK = re.compile(r"(?<!\\)(?:\\\\)*\\[()\[\]]")


def is_formula(text: str, pair: Pair) -> bool:
    """Whether what stands between the marks is a formula; the character after the closing mark matters too."""
    content = text[pair.inner : pair.outer]
    if not content or content.isspace():
        return False
    if pair.kind in (Kind.BACKTICK, Kind.ENVIRONMENT):
        return True
    if "`" in content and not has_command(content):
        return False
    following = text[pair.end : pair.end + 1]
    if pair.kind is Kind.DOLLAR:
        return _is_dollar_formula(content, following)
    if _FENCE.search(content) or _is_words(content):
        return False
    if pair.kind is Kind.BRACKET:
        return not _CITATION.fullmatch(content) and (following != "(" or is_clear(content) or "=" in content)
    return True


def may_become_formula(text: str, start: int, kind: Kind) -> bool:
    """Whether an opening mark without a closing one, in a text still being written, is worth waiting for (R14)."""
    rest = text[start + len(kind.value) :]
    if len(rest) > MAX_UNFINISHED_CHARACTERS:
        return False
    if kind is Kind.DOLLAR:
        return not looks_like_money_or_prose(rest) and not text[:start][-1:].isdigit()
    return kind is not Kind.DOUBLE_DOLLAR or "\n" in rest or not looks_like_money_or_prose(rest)


def is_settled(text: str, pair: Pair) -> bool:
    """Whether :func:`is_formula` stays as it is when the text goes on after the closing mark (R14)."""
    if pair.end < len(text):
        return True
    content = text[pair.inner : pair.outer]
    if pair.kind is Kind.BRACKET:
        return is_clear(content) or "=" in content
    if pair.kind is not Kind.DOLLAR:
        return True
    if content[-1:].isspace() and not content[:1].isspace():
        return False
    return _is_clear_before_digit(content) or _LETTER_OR_CALL.fullmatch(content) is not None


def has_command(content: str) -> bool:
    return _COMMAND.search(content) is not None


def is_clear(content: str) -> bool:
    """A TeX command, a sub- or superscript, or only relation signs: nobody writes that about money."""
    return has_command(content) or _SCRIPT.search(content) is not None or _RELATION.fullmatch(content) is not None


def looks_like_money_or_prose(content: str) -> bool:
    """Whether an unfinished ``$…`` reads as an amount or as words, so that it need not be held back (R14)."""
    if not content or is_clear(content):
        return False
    return content[0].isdigit() or content[0].isspace() or len(_WORD.findall(content)) > 1


def reads_as_math(tex: str) -> bool:
    """Whether an inline formula over several lines may hold lines together that look like lists or headings."""
    return is_clear(tex) or "=" in tex or not re.search("[A-Za-z]{3}", tex)


def _is_dollar_formula(content: str, following: str) -> bool:
    """Rule R2, a to d, by the spaces just inside the dollars."""
    if content[0] in _CLOSING_BRACKETS or _CJK_PUNCTUATION.match(content):
        return False
    if "{" not in content and _INNER_MARK.search(content):
        return False
    opens_with_space, ends_with_space = content[0].isspace(), content[-1].isspace()
    if opens_with_space and ends_with_space:
        wanted = is_clear(content) or re.search("[=<>]", content) or _LETTER_OR_CALL.fullmatch(content)
        return bool(wanted) and not _is_amount_and_words(content, least=1)
    if ends_with_space:
        return has_command(content) and not _is_word_character(following) and not _is_amount_and_words(content, least=1)
    if opens_with_space:
        return is_clear(content) and not _is_amount_and_words(content, least=1)
    return _is_tight_formula(content, following)


def _is_tight_formula(content: str, following: str) -> bool:
    """No space inside either dollar: a formula, but for what reads as money, a path or Chinese prose."""
    if following.isdigit() and not _is_clear_before_digit(content):
        return False
    if _is_amount_and_words(content, least=2):
        return False
    if _CJK.search(content) and "=" not in content and not is_clear(content):
        return False
    # $HOME/$USER, $/hr,$/GB: no formula ends so, directly before a word.
    return not (content[-1] in "/:,;&|" and following.isalpha() and not is_clear(content))


def _is_clear_before_digit(content: str) -> bool:
    return (
        _MATH_COMMAND.search(content) is not None
        or _SCRIPT.search(content) is not None
        or _RELATION.fullmatch(content) is not None
    )


def _is_amount_and_words(content: str, *, least: int) -> bool:
    """``1M total). We then define``: starts with a digit and goes on in ``least`` or more words."""
    stripped = content.lstrip()
    if not stripped[:1].isdigit() or _MATH_COMMAND.search(stripped) or "=" in stripped or _SCRIPT.search(stripped):
        return False
    return len(_WORD.findall(stripped)) >= least


def _is_words(content: str) -> bool:
    """Only words: what stands between ``$$`` and ``$$`` in "tiers $$ and $$", or in ``\\[see below\\]``."""
    if _MATH_SIGN.search(content):
        return False
    words = _WORD.findall(_COMMAND_WITH_TEXT.sub("", content))
    padded = content[0].isspace() and content[-1].isspace()
    return len(words) > 1 or (len(words) == 1 and padded and "\n" not in content and len(words[0]) > 1)


def _is_word_character(character: str) -> bool:
    """A letter or digit that would be glued to the formula; Chinese text has no spaces and does not count."""
    return character.isalnum() and not _CJK.match(character)
