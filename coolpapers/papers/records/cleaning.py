"""Foreign text made fit to store: damage of encodings, line breaks and PDF extraction is mended, markup becomes TeX.

:func:`clean_text` for titles and abstracts, :func:`clean_name` and :func:`clean_authors` for people.
Formulas are left alone; TeX accents outside them become characters (see :mod:`search.vocabulary.accents`), HTML and
JATS markup becomes TeX (see :mod:`.markup`), and mojibake is mended by ftfy, which is asked only where a text shows
signs of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from html.entities import html5

import ftfy

from coolpapers.papers.names.people import join_parts
from coolpapers.papers.records.markup import has_markup, read_markup
from search.vocabulary.accents import decode_tex_accents, outside_math

# Left by PDF extraction: a glyph number instead of its character. 173 is the soft hyphen at a line's end.
_SOFT_HYPHEN = re.compile(r"(?<=[^\W\d_])(?:\(cid:173\)|\xad)\s*(?=[^\W\d_])")
_LIGATURE = re.compile(r"(?<=[^\W\d_])\(cid:(2|3|11|12|13|14|15)\)(?=[^\W\d_])|(?<!\S)\(cid:(2|12)\)(?=[a-z])")
# Places of the ligatures in TeX's OT1 encoding (11 to 15) and in Type 1 subsets as old NeurIPS papers have them (2, 3).
_LIGATURES = {"2": "fi", "3": "fl", "11": "ff", "12": "fi", "13": "fl", "14": "ffi", "15": "ffl"}
# Ligatures that are characters, as PDF extraction leaves them.
_LIGATURE_CHARACTERS = dict(zip("ﬀﬁﬂﬃﬄ", ("ff", "fi", "fl", "ffi", "ffl")))
_LIGATURE_CHARACTER = re.compile("[ﬀ-ﬄ]")
_OTHER_GLYPH = re.compile(r"\(cid:(\d+)\)")
_GLYPHS = {"15": "ε", "96": "ℓ"}  # OML, the only ones met outside words
_C1 = re.compile(r"[\x80-\x9f]")
# UTF-8 read as Latin-1, Windows-1252 or Mac Roman: a lead byte's letter before a continuation byte's character.
_MOJIBAKE = re.compile(
    r"[\xc2-\xf4\u0102\u010f\u0111\u0413\u0420][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    r"|[√Ã∂][\xa0-\xff\u0152\u0153\u03a9\u2020-\u2022\u2122\u221e-\u222b\u2248-\u2265]"
)
# Controls, soft hyphens, and marks that change the direction of what follows them (Unicode Technical Report 36).
_CONTROLS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    r"\ufeff\ufffc\ufffe\uffff\ud800-\udfff]"
)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_MAX_ENTITY_PASSES = 3  # &amp;lt; is met often, &amp;amp;lt; now and then
# An apostrophe that a program escaped, where no accent can be meant: O\'Neil, d\'Etat, don\'t.
_ESCAPED_APOSTROPHE = re.compile(r"(?<=\b[DdLlOo])\\'(?=[A-Z])|(?<=[^\W\d_])\\'(?=[bdfhjqtvxBDFHJQTVX])")
# In prose also: Alzheimer\'s, the authors\' model. In names it is an accent: Ku\'s is Kuś.
_ESCAPED_POSSESSIVE = re.compile(r"(?<=[^\W\d_])\\'(?=(?:s|d|m|re|ve|ll)(?![^\W\d_])|\s|$)")
_EM_DASH = re.compile(r"(?<![-−])---(?![->])")
# A compound over two lines, but no suspended hyphen: pre- and post-training.
_BROKEN_COMPOUND = re.compile(r"(?<=[^\W\d_])-\n[ \t]*(?=[^\W\d_])(?!(?:and|or|und|oder|to|et|y)\b)")
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
_TEX_SIGN = re.compile(r"[{}~\\$]")
# What leads from a name to a footnote or an affiliation: $^{1,2}$, $\dagger$, \textsuperscript{a,b}. A letter that
# shortens a word stays: M\textsuperscript{c}Donald, M\textsuperscript{a} José.
_MARK_OF_NAME = re.compile(
    r"\$\s*(?:\^|\\(?:dagger|ddagger|ast|star|S|P|bullet|diamond|sharp|circ)\b)[^$]{0,80}\$|\$[\s\d*†‡§¶,]*\$"
    r"|\\textsuperscript\s*\{(?:[\s\d,;*†‡§¶#]|\\(?:dagger|ddagger|ast|star)\s*)*\}"
    r"|(?<!\b[A-Z])\\textsuperscript\s*\{\s*[a-z](?:\s*,\s*[a-z\d*])*\s*\}(?![^\W\d_])"
)
# Signs that stand for the letter ø where an encoding lacked it: Thorbj⊘rn.
_SLASHED_O = re.compile(r"(?<=[a-zæåöü])[φϕ⊘∅⌀](?=[a-zæåöü])")
_QUOTES = re.compile(r"``|''")
# "Doe, J. M.", "Lakshmanan, V.S.": the given names of a name in the order of an index.
_GIVEN_INITIALS = re.compile(r"(?:[^\W\d_]\.[ -]?){1,5}")
_GIVEN = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}")
_NO_GIVEN = re.compile(
    r"(?:jr|sr|ii|iii|iv|2nd|3rd|ph\.? ?d|m\.?d|m\.?sc|inc|ltd|llc|corp|co|pbc|gmbh|ag|s\.?a|usa|uk)\.?", re.IGNORECASE
)
_COMMAND_OF_NAME = re.compile(r"\\[A-Za-z]+\*?\s*(?=\{)")
_NO_INSTITUTE = (
    r"(?!.*\b(?:Universit|Institut|Depart|Minist|Group|Team|Collab|Consort|Project|Lab|Cent|School|Corp|Inc|Ltd|Admin"
    r"|Commission|Agenc|Office|Bureau|Societ|Associat|Council|Foundation|Committ|Academ|Federa|Union|Museum|Hospital"
    r"|Authorit|Compan|Organi[sz]|Nation|Board|Service|Securit|Network|Program))"
)
# Two to five words, each with a capital or a particle: no "Sons", and no institute.
_PERSON = re.compile(
    _NO_INSTITUTE + r"[^\W\d_][\w.'’\\\"{}^`~-]*"
    r"(?:\s+(?:(?:v[ao]n|d[aeiu]|del|der|den|dos|la|le|el)\s+)*[^\W\d_a-z\\][\w.'’\\\"{}^`~-]*|\s+\\[\w.'’\\\"{}^`~-]+){1,4}"
)
_PERSON_OR_WORD = re.compile(rf"{_PERSON.pattern}|[^\W\d_][\w'’-]*|(?:[a-z'’]+ ){{1,3}}[^\W\d_][\w'’-]*")
# As a person, but with any words between the first and the last: Guojiang ang Dong.
_WHOLE_NAME = re.compile(rf"{_NO_INSTITUTE}[^\W\d_a-z][\w.'’-]*(?: [^\W\d_][\w.'’-]*){{0,4}} [^\W\d_a-z][\w'’-]*")
_AND = re.compile(r" (?:and|&) ")
_NAMESAKE = re.compile(r"(?<=[^\W\d_]) \d{4}$")  # DBLP's number of one of several people of a name
# An address, an ORCID, and marks or numbers of footnotes behind a name.
_MARKS = "*†‡§¶⁎∗✉¹²³⁰⁴-⁹"
_ASIDE = re.compile(
    r"\s*<?[\w.+-]{1,60}@[\w.-]{1,80}>?|[,\s]*(?:https?://)?(?:orcid\.org/)?\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b"
    rf"|[,\s]*[{_MARKS}][{_MARKS}\d,\s]*$|(?<=[^\W\d_])\s?\d{{1,2}}(?:,\s?\d{{1,2}})+$"
)
_FRAMES = ("and ", " and", "by ", "Dr", "Prof")  # most lists have none of them
_FRAME = re.compile(r"^(?:and\s+|by\s+|(?:Dr|Prof)\.?\s+|Professor\s+){1,3}(?=[^\W\d_])|\s+and$")
_GLUED_NUMBER = re.compile(r"(?<=[a-z]{2})\d{1,2}$")
_DEGREES = re.compile(r"(?:,\s*(?:Ph\.?\s?D|M\.?D|M\.?Sc|B\.?Sc|D\.?Phil|MBA|MPH|Dr\.-Ing)\.?)+$")
_INITIAL = re.compile(r"\b[^\W\d_]\.|\b[A-Z]\b")
_PLAIN_NAME = re.compile(r"[A-Za-z.'-]+(?: [A-Za-z.'-]+)*")
_TRAILING_AFFILIATION = re.compile(r"\s*\([^()]*\)\s*$")


def clean_text(text: str, *, paragraphs: bool = False) -> str:
    r"""Return ``text`` as a reader should see it.

    White space is folded to single spaces (``paragraphs``: blank lines stay as ``\n\n``), control characters
    go, HTML entities and TeX accents become characters, markup becomes TeX, hyphenation and ligature debris of PDF
    extraction (``(cid:173)``, soft hyphens) is joined, UTF-8 that was read in another encoding is read again.
    """
    if not text:
        return ""
    text = _compose(text)
    if _is_clean(text):
        return text
    text = _mend_encoding(text)
    if "\\'" in text:
        text = outside_math(text, lambda prose: _ESCAPED_POSSESSIVE.sub("'", _ESCAPED_APOSTROPHE.sub("'", prose)))
    if has_markup(text):  # before entities are read: the signs of MathML are entities
        text = read_markup(text)
    text = _read_entities(decode_tex_accents(text))
    if has_markup(text):
        text = read_markup(text)
    if "---" in text:
        text = outside_math(text, lambda prose: _EM_DASH.sub("—", prose))
    return _finish(text, paragraphs=paragraphs)


def clean_name(name: str) -> str:
    """A person's name: cleaned as text, without affiliation in parentheses, TeX's signs and stray punctuation."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    name = _SLASHED_O.sub("ø", _compose(name))
    if "''" in name or "``" in name:
        name = _QUOTES.sub('"', name)
    if not _is_clean(name):
        name = _ESCAPED_APOSTROPHE.sub("'", _mend_encoding(name))
        name = _finish(_read_entities(decode_tex_accents(name)), paragraphs=False)
    if "(" in name:
        name = _TRAILING_AFFILIATION.sub("", name)
    if _TEX_SIGN.search(name):
        name = plain_tex_name(name)
    if name[-1:].isdigit():
        name = _NAMESAKE.sub("", name)
    return _without_frame(_ASIDE.sub("", name).strip(" ,;"))


def _without_frame(name: str) -> str:
    """A name without what stands before and behind it in lists: ``and``, ``by``, titles, degrees, quotation marks."""
    if name and name[0] in '["“' and name[-1:] in ']"”' and name.count(name[0]) == 1 + (name[0] == '"'):
        name = name[1:-1].strip()
    if " " not in name:
        return name
    bare = _GLUED_NUMBER.sub("", _DEGREES.sub("", _FRAME.sub("", name)))
    return bare if " " in bare else name


def plain_tex_name(name: str) -> str:
    r"""A name without TeX's signs, commands and marks; what commands print stays.

    >>> plain_tex_name(r"Jane \textsc{Doe}$^{1,2}$ and M\textsuperscript{c}Donald")
    'Jane Doe and McDonald'
    """
    name = _COMMAND_OF_NAME.sub("", _MARK_OF_NAME.sub("", name))
    return name.replace("{", "").replace("}", "").replace("\\", "").replace("~", " ")


def clean_authors(names: Iterable[str]) -> list[str]:
    """Cleaned names in order, without affiliations.

    A list that says itself twice or four times over is folded to one, as IEEE's exports need it. Names may hold the
    boundary of :func:`~coolpapers.papers.names.people.join_parts`.
    """
    names = list(names)
    together = "\0".join(names)  # most lists have none of these signs
    if ("(" in together or ")" in together) and any(name.count("(") != name.count(")") for name in names):
        names = _outside_parentheses(names)
    if "\n" in together or " and " in together or " & " in together:
        names = [part for name in names for part in _people_of(name)]
    if ", " in together:
        names = _in_natural_order(names)
    cleaned = list(filter(None, map(clean_name, names)))
    if any(frame in together for frame in _FRAMES):
        cleaned = list(map(_without_frame, cleaned))
    half, odd = divmod(len(cleaned), 2)
    while half and not odd and cleaned[:half] == cleaned[half:]:
        cleaned = cleaned[:half]
        half, odd = divmod(half, 2)
    return cleaned


def _people_of(name: str) -> list[str]:
    """The people of an entry that joins two: a list that was cut at ``and`` only, or not at the end of a line."""
    parts = [part.strip() for line in name.split(",\n") for part in _AND.split(line)]
    plain = [_TRAILING_AFFILIATION.sub("", part).strip() for part in parts]
    if ",\n" in name:
        is_list = all(_PERSON.fullmatch(part) or _WHOLE_NAME.fullmatch(part) for part in plain)
    else:
        is_list = all(map(_PERSON.fullmatch, plain)) and any(map(_INITIAL.search, plain))
    return parts if is_list else [name]


def _in_natural_order(names: list[str]) -> list[str]:
    """Names with given names behind a comma in natural order, where most of a list are so or initials show it.

    In a list that writes names in natural order, two whole names with a comma between them are two people.
    """
    n_inverted = sum(", " in name for name in names)
    ordered: list[str] = []
    for name in names:
        family, comma, given = _TRAILING_AFFILIATION.sub("", name).strip(" ,;").partition(", ")
        family = _TRAILING_AFFILIATION.sub("", family)
        is_name = _PERSON_OR_WORD.fullmatch(family) or _WHOLE_NAME.fullmatch(family)
        if not comma or "," in given or _NO_GIVEN.fullmatch(given.strip()) or not is_name:
            ordered.append(name)
        elif _GIVEN_INITIALS.fullmatch(given) or (2 * n_inverted > len(names) and _GIVEN.fullmatch(given)):
            ordered.append(join_parts(given, family))
        elif len(names) > 2 * n_inverted and _WHOLE_NAME.fullmatch(family) and _WHOLE_NAME.fullmatch(given):
            ordered += [family, given]
        else:
            ordered.append(name)
    return ordered


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


def _compose(text: str) -> str:
    if text.isascii():
        return text
    if "ﬁ" in text or "ﬂ" in text or "ﬀ" in text or "ﬃ" in text or "ﬄ" in text:
        text = _LIGATURE_CHARACTER.sub(lambda match: _LIGATURE_CHARACTERS[match[0]], text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _mend_encoding(text: str) -> str:
    """UTF-8 that was read in another encoding is read again, and Windows-1252 that was read as Latin-1."""
    if text.isascii():
        return text
    if _MOJIBAKE.search(text):
        text = _compose(ftfy.fix_encoding(text))  # a ligature may have been hidden
    return _C1.sub(_from_windows, text)


def _read_entities(text: str) -> str:
    """Every entity of HTML 5 and every number as its character; what is no entity stays."""
    for _ in range(_MAX_ENTITY_PASSES):
        if "&" not in text:
            break
        decoded = _ENTITY.sub(_entity, text)
        if decoded == text:
            break
        text = decoded
    return text


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return html5.get(f"{match[3]};", match.group())
    number = int(match[1]) if match[1] else int(match[2], 16)
    return chr(number) if 0 < number < 0x110000 else ""


def _finish(text: str, *, paragraphs: bool) -> str:
    """Without debris of PDF extraction and controls, with single spaces."""
    text = _CONTROLS.sub("", _mend_glyphs(text))
    if "-\n" in text:
        text = _BROKEN_COMPOUND.sub("-", text)
    if paragraphs and "\n" in text:
        return "\n\n".join(" ".join(part.split()) for part in _PARAGRAPH.split(text.strip()))
    return " ".join(text.split())


def _is_clean(text: str) -> bool:
    """Most texts need no mend; ``isprintable`` is false for controls, line breaks, odd spaces and soft hyphens."""
    return (
        text.isprintable()
        and "\\" not in text
        and "&" not in text
        and "<" not in text
        and "---" not in text
        and "  " not in text
        and "(cid:" not in text
        and text[:1] != " "
        and text[-1:] != " "
        and (text.isascii() or ("\ufffc" not in text and not _MOJIBAKE.search(text)))
    )


def _mend_glyphs(text: str) -> str:
    if "(cid:" not in text and "\xad" not in text:
        return text
    text = _SOFT_HYPHEN.sub("", text)
    text = _LIGATURE.sub(lambda match: _LIGATURES[match[1] or match[2]], text)
    return _OTHER_GLYPH.sub(lambda match: _GLYPHS.get(match[1], ""), text)


def _from_windows(match: re.Match[str]) -> str:
    r"""A C1 control is a Windows-1252 character that went through Latin-1: \x92 is ’."""
    return match.group().encode("latin-1").decode("cp1252", errors="ignore")
