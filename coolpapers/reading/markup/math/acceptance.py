r"""Which pairs of marks are formulas (rules R2 to R5): money, shell variables and citations stay text.

Pure predicates over a text and a :class:`~coolpapers.reading.markup.math.delimiters.Pair` in it. Start at
:func:`is_formula`.
"""

from __future__ import annotations

import re

from coolpapers.reading.markup.math import wording
from coolpapers.reading.markup.math.delimiters import LINE_PREFIX, Kind, Pair
from coolpapers.reading.markup.math.tex_repairs import unwrap

# A longer unfinished formula is more likely a stray mark: show the text.
MAX_UNFINISHED_CHARACTERS = 4_000
_CITATION = re.compile(r"\s*\d+(?:\s*[,;–—-]\s*\d+)*\s*")
_DISPLAYS = frozenset({Kind.DOUBLE_DOLLAR, Kind.BRACKET, Kind.ENVIRONMENT})
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)
_OPENS_WITH_BLANK_LINE = re.compile(r"[ \t>]*\n[ \t>]*\n")
_INNER_MARK = re.compile(r"(?<!\\)(?:\\\\)*\\[()\[\]]")
# No formula begins so ("$) and ($", "$/hr"), nor ends so directly before a word ("$HOME/$USER", "$100 (about $x$").
_NO_BEGINNING = re.compile(
    r"[)\]}»”’\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“‘…—]|/[A-Za-z]{2}(?![^$]*\\)"
)
# "$+$9.04" is a sign; "5$-$10" is a range of prices.
_SIGNS = frozenset({"+", "-", "−", "±"})
_TASK = re.compile(r"[ \t]+\w")
_CLOSING_SIGNS = " \t.,;:!?。，；：、！？"
_NO_END_BEFORE_WORD = frozenset("/:,;&|([{~≈")


def is_formula(text: str, pair: Pair, *, markdown: bool = True) -> bool:
    r"""Whether what stands between the marks is a formula; the characters around the marks matter too.

    ``markdown`` says that ``\[`` may be an escaped bracket; in a title or an abstract, which are TeX, it rarely is, and
    a dollar that has a space inside is money only before an amount.
    """
    content = text[pair.inner : pair.outer]
    if "$" in content or "\\(" in content or "\\[" in content:
        content = unwrap(content)
    if not content or content.isspace():
        return False
    if pair.kind is Kind.BACKTICK:
        return True
    if pair.kind in _DISPLAYS and "\n" in content and not wording.is_display_over_blank_lines(content):
        return False
    if pair.kind is Kind.ENVIRONMENT:
        return True
    if "`" in content and not wording.has_command(content):
        return False
    following = text[pair.end : pair.end + 1]
    if pair.kind is Kind.DOLLAR:
        before = text[max(pair.start - 1, 0) : pair.start]
        return _is_dollar_formula(content, before, following) or (
            not markdown and _is_padded_in_tex(content, before, following)
        )
    if wording.is_words(content) or _holds_fence(content):
        return False
    if pair.kind is Kind.DOUBLE_DOLLAR:
        return not wording.has_dollar_outside_braces(content) and _is_display(text, pair, content)
    if pair.kind is Kind.BRACKET:
        return not _CITATION.fullmatch(content) and not _are_brackets(text, pair, content, markdown=markdown)
    return True


def is_settled(text: str, pair: Pair) -> bool:
    """Whether :func:`is_formula` stays as it is when the text goes on after the closing mark (R14)."""
    content = text[pair.inner : pair.outer]
    if pair.kind is Kind.BRACKET:
        return "\n" in text[pair.end :] or not wording.is_plain_text(content)
    if pair.end < len(text):
        return True
    if pair.kind is not Kind.DOLLAR:
        return True
    if content[-1:].isspace() and not content[:1].isspace():
        return False
    return wording.is_clear_beside_digits(content) or wording.is_letter_or_call(content)


def may_become_formula(text: str, start: int, kind: Kind) -> bool:
    """Whether an opening mark without a closing one, in a text still being written, is worth waiting for (R14)."""
    rest = text[start + len(kind.value) :]
    if len(rest) > MAX_UNFINISHED_CHARACTERS or (
        kind in _DISPLAYS and not wording.is_display_over_blank_lines(text[start:])
    ):
        return False
    if kind is Kind.DOLLAR:
        after_amount = text[max(start - 1, 0) : start].isdigit() and not rest
        return not wording.is_money_or_prose(rest) and not after_amount
    return kind is not Kind.DOUBLE_DOLLAR or "\n" in rest or not wording.is_money_or_prose(rest)


def _are_brackets(text: str, pair: Pair, content: str, *, markdown: bool) -> bool:
    r"""Escaped brackets around words: ``\[PDF\]`` in a link, ``list\[int\]``, ``\[3.2\]``.

    Without a command, a script or a relation that is what they are on a line with other text; a letter is a formula
    there unless it is an index (``a\[i\]``) or ticks off a task (``- \[x\]``). In TeX no bracket is escaped.
    """
    if "\n" in content or not wording.is_plain_text(content):
        return False
    if not markdown:
        return wording.has_two_letters(content) or not wording.has_letter(content)
    line_start = text.rfind("\n", 0, pair.start) + 1
    starts_line = LINE_PREFIX.fullmatch(text, line_start, pair.start) is not None
    if wording.is_letter_or_call(content):
        is_task = starts_line and content in ("x", "X") and _TASK.match(text, pair.end) is not None
        return is_task or _is_index(text, pair)
    line_end = text.find("\n", pair.end)
    following = text[pair.end : line_end if line_end >= 0 else None]
    return bool(not starts_line or following.strip(_CLOSING_SIGNS) or wording.is_tight_word(content))


def _is_index(text: str, pair: Pair) -> bool:
    before, following = text[max(pair.start - 1, 0) : pair.start], text[pair.end : pair.end + 2]
    return (
        before.isalnum()
        or before in ("]", ")", "_")
        or following == "\\["
        or following[:1] == "("
        or following[:1].isalnum()
    )


def _is_padded_in_tex(content: str, before: str, following: str) -> bool:
    """``$p $``, ``$ 3/2 $``, ``$ RCD(K,N)$`` in a title or an abstract, where a dollar before a space is no money."""
    if content == "/":  # "17$/$23"
        return before.isalnum() and following.isalnum()
    opens_with_space, ends_with_space = content[0].isspace(), content[-1].isspace()
    if not (opens_with_space or ends_with_space):
        return False
    is_glued = (ends_with_space and following.isalnum()) or (opens_with_space and before.isalnum())
    if is_glued and not wording.has_command(content):
        return False  # That dollar opens the next formula, or ends the one before.
    return wording.is_short_formula(content)


def _is_dollar_formula(content: str, before: str, following: str) -> bool:
    """Rule R2, a to d, by the spaces just inside the dollars."""
    if _NO_BEGINNING.match(content) or (before.isdigit() and wording.is_second_amount(content)):
        return False
    if "{" not in content and _INNER_MARK.search(content):
        return False
    if wording.is_running_text(content):
        return False
    opens_with_space, ends_with_space = content[0].isspace(), content[-1].isspace()
    if not opens_with_space and not ends_with_space:
        return _is_tight_formula(content, before, following)
    if wording.is_amount_and_words(content, least=1):
        return False
    if opens_with_space and ends_with_space:
        return wording.is_clear(content) or wording.is_letter_or_call(content) or wording.has_relation(content)
    if ends_with_space:
        is_math = wording.has_command(content) or wording.is_wordless_relation(content)
        return is_math and not wording.is_glued(following)
    return wording.is_clear(content) or (not before.isdigit() and wording.is_wordless_relation(content))


def _is_tight_formula(content: str, before: str, following: str) -> bool:
    """No space inside either dollar: a formula, but for what reads as money, a path or prose."""
    if following.isdigit() and not wording.is_clear_beside_digits(content):
        return content in _SIGNS and not before.isdigit()
    if wording.is_amount_and_words(content, least=2):
        return False
    if "](http" in content:  # "[about $5](https://…) or 6$"
        return False
    if wording.is_clear(content) or "=" in content:
        return True
    if wording.has_cjk(content) or (content[0].isdigit() and wording.has_cjk_punctuation(content)):
        return False
    if following.isalpha() and content[-1] in _NO_END_BEFORE_WORD:
        return False
    return not (wording.is_glued(before) and wording.is_glued(following) and wording.is_sentence(content))


def _is_display(text: str, pair: Pair, content: str) -> bool:
    """``$$5 and $$10`` is money; a display that goes on after a blank line must be worth it."""
    if "\n" not in content:
        return not (content[-1].isspace() and wording.is_amount_and_words(content, least=1))
    if not _OPENS_WITH_BLANK_LINE.match(content):
        return True
    if not any(map(str.isalnum, content)):
        return False
    if wording.is_surely_math(content):
        return True
    return _begins_paragraph(text, pair.start) and not wording.has_word(content)


def _begins_paragraph(text: str, position: int) -> bool:
    """Nothing stands before on the line nor, unless a list item begins here, on the line above.

    A mark below other words rather closes a display that a blank line broke.
    """
    line = text.rfind("\n", 0, position) + 1
    if LINE_PREFIX.fullmatch(text, line, position) is None:
        return False
    above = text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line]
    return bool(text[line:position].strip(" \t>")) or not above.strip(" \t>\n")


def _holds_fence(content: str) -> bool:
    """A code fence in a display: the mark before it was a stray one. In braces it is somebody's text."""
    return any(
        content.count("{", 0, fence.start()) <= content.count("}", 0, fence.start())
        for fence in _FENCE.finditer(content)
    )
