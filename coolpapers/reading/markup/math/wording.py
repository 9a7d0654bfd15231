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
_ANY_RELATION = re.compile(r"[=<>≤≥≠≈∼≪≫∈⊂⊆→]")
_ESCAPED_SIGN = re.compile(r"\\([_*.#+&%~-])")
_IDENTIFIER = re.compile(r"[A-Za-z]{2,}[A-Za-z0-9]*(?:[_.:/-][A-Za-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z]{3,}[\w.]*(?: [\w.'’-]+)*")
_TWO_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_SHORT_WORD = re.compile(r"\b(?:of|in|on|is|to|at|by|as|or|an|if|we|it|so|be|do|no|vs|and)\b")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_OPERATOR = re.compile(r"[=<>+*/|≤≥≠≈∼×·→±−-]")
_BLOCK_LINE = re.compile(r"^[ \t>]*(?:#{1,6}[ \t]|```|~~~|(?:[-*_][ \t]*){3,}$|\|[ \t]*:?-{2,})", re.MULTILINE)
# Words that are neither a part of a name nor followed by an index or brackets.
_FREE_WORD = re.compile(r"(?<![\\A-Za-z_^])[A-Za-z]{3,}(?![A-Za-z]*[(_^\[{])")
_FUNCTION_WORDS = frozenset({
    "sin", "cos", "tan", "exp", "log", "max", "min", "lim", "sup", "inf", "det", "dim", "mod", "arg", "div", "grad",
    "curl", "var", "cov", "Var", "Cov", "diag", "rank", "sign", "sgn",
})  # fmt: skip
_SMALL_WORDS = re.compile(r"\b(?:[a-z]{2,}\s+){2}[a-z]{2,}\b")
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


def is_plain_text(content: str) -> bool:
    r"""No command, no script, no relation; ``max_len`` is a name, and ``\_`` an escaped sign of one."""
    plain = _ESCAPED_SIGN.sub(r"\1", content)
    if _IDENTIFIER.fullmatch(plain.strip()):
        return True
    return not is_clear(plain) and _ANY_RELATION.search(plain) is None


def has_letter(content: str) -> bool:
    return any(map(str.isalpha, content))


def has_two_letters(content: str) -> bool:
    """A word, if only a short one: ``CLS``, ``v1.0`` has none."""
    return _WORD.search(content) is not None


def is_tight_word(content: str) -> bool:
    """``PDF``, ``ICML 2025``: a word of three letters or more right inside the marks."""
    return not content[0].isspace() and not content[-1].isspace() and _NAME.fullmatch(content) is not None


def is_short_formula(content: str) -> bool:
    """No money and no prose: brackets in pairs, no word but a short name or one before brackets or an index."""
    stripped = content.strip()
    if not _has_paired_brackets(stripped) or stripped[0] in ",.;:)":
        return False
    if not is_clear(stripped) and (stripped[-1] in "-–—,;:/+&(" or _is_amount(content)):
        return False
    words = _FREE_WORD.findall(_COMMAND_WITH_TEXT.sub("", stripped))
    if any(word not in _FUNCTION_WORDS and not (word.isupper() and len(word) == 3) for word in words):
        return False
    return _TWO_WORDS.search(stripped) is None and _SHORT_WORD.search(stripped) is None


def _is_amount(content: str) -> bool:
    """``5 `` and ``5k``; not ``3/2``, nor a number with a space on both sides or only before it."""
    is_number = content[0].isdigit() or (content[0].isspace() and content[-1:].isalpha())
    return is_number and content.lstrip()[0].isdigit() and _OPERATOR.search(content) is None


def _has_paired_brackets(content: str) -> bool:
    return all(content.count(left) == content.count(right) for left, right in ("()", "[]", "{}"))


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


def is_display_over_blank_lines(content: str) -> bool:
    """Whether all paragraphs of a display, where blank lines cut it, are surely math or lie in an environment.

    ``1 = 1`` and ``+ c`` are; letters alone, sentences, headings, tables and rules are not.
    """
    paragraphs = _BLANK_LINE.split(content.strip())
    if len(paragraphs) == 1:
        return True
    if not is_clear(content) and _OPERATOR.search(content) is None:
        return False
    depth = 0
    for paragraph in paragraphs:
        if _is_prose_paragraph(paragraph) or (depth == 0 and not is_wordless(paragraph)):
            return False
        depth = max(depth + paragraph.count("\\begin{") - paragraph.count("\\end{"), 0)
    return True


def is_wordless(paragraph: str) -> bool:
    """No word but the names of functions and of what has an index or brackets, such as ``softmax(x)``."""
    if "$" in paragraph or _CJK.search(paragraph):
        return False
    words = _FREE_WORD.findall(_COMMAND_WITH_TEXT.sub("", paragraph))
    return all(word in _FUNCTION_WORDS for word in words) and any(map(str.isalnum, paragraph))


def _is_prose_paragraph(paragraph: str) -> bool:
    """A heading, a fence, a rule, the beginning of a table, or words in a row."""
    if _BLOCK_LINE.search(paragraph) is not None:
        return True
    text = _COMMAND_WITH_TEXT.sub("", paragraph)
    return is_running_text(text) or _SMALL_WORDS.search(text) is not None


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
