"""Foreign text made fit to store: damage of encodings, line breaks and PDF extraction is mended.

:func:`clean_text` for titles and abstracts, :func:`clean_name` and :func:`clean_authors` for people.
Formulas are left alone; TeX accents outside them become characters (see :mod:`.accents`).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from search.vocabulary.accents import decode_tex_accents

# Left by PDF extraction: a glyph number instead of its character. 173 is the soft hyphen at a line's end.
_SOFT_HYPHEN = re.compile(r"(?<=[^\W\d_])(?:\(cid:173\)|\xad)\s*(?=[^\W\d_])")
_LIGATURE = re.compile(r"(?<=[^\W\d_])\(cid:(2|3|11|12|13|14|15)\)(?=[^\W\d_])|(?<!\S)\(cid:(2|12)\)(?=[a-z])")
# Places of the ligatures in TeX's OT1 encoding (11 to 15) and in Type 1 subsets as old NeurIPS papers have them (2, 3).
_LIGATURES = {"2": "fi", "3": "fl", "11": "ff", "12": "fi", "13": "fl", "14": "ffi", "15": "ffl"}
_OTHER_GLYPH = re.compile(r"\(cid:(\d+)\)")
_GLYPHS = {"15": "ε", "96": "ℓ"}  # OML, the only ones met outside words
# UTF-8 read as Latin-1: a lead byte and continuation bytes that are C1 controls (â\x80\x99 for ’).
_MOJIBAKE = re.compile(r"[\xc2-\xdf][\x80-\x9f]|[\xe0-\xef][\x80-\xbf]{2}")
_C1 = re.compile(r"[\x80-\x9f]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\ufeff\ufffe\uffff\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
_TEX_SIGN = re.compile(r"[{}~\\]")
_TRAILING_AFFILIATION = re.compile(r"\s*\([^()]*\)\s*$")


def clean_text(text: str, *, paragraphs: bool = False) -> str:
    r"""Return ``text`` as a reader should see it.

    White space is folded to single spaces (``paragraphs``: blank lines stay as ``\n\n``), control characters
    go, HTML entities and TeX accents become characters, hyphenation and ligature debris of PDF
    extraction (``(cid:173)``, soft hyphens) is joined, UTF-8 that was read as Latin-1 is read again.
    """
    if not text:
        return ""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if _is_clean(text):
        return text
    if not text.isascii():
        text = _C1.sub(_from_windows, _MOJIBAKE.sub(_reread, text))
    if "\\" in text:
        text = decode_tex_accents(text)
    text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    text = _mend_glyphs(text)
    text = _CONTROLS.sub("", text)
    if paragraphs and "\n" in text:
        return "\n\n".join(" ".join(part.split()) for part in _PARAGRAPH.split(text.strip()))
    return " ".join(text.split())


def clean_name(name: str) -> str:
    """A person's name: cleaned as text, without affiliation in parentheses, TeX's signs and stray punctuation."""
    name = clean_text(name)
    if "(" in name:
        name = _TRAILING_AFFILIATION.sub("", name)
    if _TEX_SIGN.search(name):
        name = name.replace("{", "").replace("}", "").replace("\\", "").replace("~", " ")
    return name.strip(" ,;")


def clean_authors(names: Iterable[str]) -> list[str]:
    """Cleaned names in order, without affiliations.

    A list that says itself twice over is folded to one, as IEEE's exports need it.
    """
    names = list(names)
    if any(name.count("(") != name.count(")") for name in names):
        names = _outside_parentheses(names)
    cleaned = [name for name in map(clean_name, names) if name]
    half, odd = divmod(len(cleaned), 2)
    return cleaned[:half] if half and not odd and cleaned[:half] == cleaned[half:] else cleaned


def _outside_parentheses(names: list[str]) -> list[str]:
    """Names of a list that was cut at every comma, also those of affiliations: ``A. One (Lab``, ``City)``, ``B. Two``.

    A parenthesis that never closes is taken to end with its name, so that no author is lost to it.
    """
    closes = sum(name.count("(") - name.count(")") for name in names) <= 0
    kept: list[str] = []
    depth = 0
    for name in names:
        outside = []
        for char in name:
            if char == "(":
                depth += 1
            elif char == ")":
                depth = max(0, depth - 1)
            elif not depth:
                outside.append(char)
        kept.append("".join(outside))
        depth = depth if closes else 0
    return kept


def _is_clean(text: str) -> bool:
    """Most texts need no mend; ``isprintable`` is false for controls, line breaks, odd spaces and soft hyphens."""
    return (
        text.isprintable()
        and "\\" not in text
        and "&" not in text
        and "  " not in text
        and "(cid:" not in text
        and text[:1] != " "
        and text[-1:] != " "
    )


def _mend_glyphs(text: str) -> str:
    if "(cid:" not in text and "\xad" not in text:
        return text
    text = _SOFT_HYPHEN.sub("", text)
    text = _LIGATURE.sub(lambda match: _LIGATURES[match[1] or match[2]], text)
    return _OTHER_GLYPH.sub(lambda match: _GLYPHS.get(match[1], ""), text)


def _reread(match: re.Match[str]) -> str:
    found = match.group()
    if not _C1.search(found):
        return found
    try:
        return found.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found


def _from_windows(match: re.Match[str]) -> str:
    r"""A C1 control is a Windows-1252 character that went through Latin-1: \x92 is ’."""
    return match.group().encode("latin-1").decode("cp1252", errors="ignore")
