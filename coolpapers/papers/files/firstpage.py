"""Title and authors from the lines of a paper's first page. Pure.

The title is the largest text above the abstract that reads like a title: running heads, watermarks and names of
templates do not. The authors stand between it and the abstract, in the type of the first line of names. What a file's
metadata say counts where the page prints it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from coolpapers.papers.files.pdflines import Line

_MAX_TITLE_LINES = 6
_MAX_AUTHOR_LINES = 60
_ABSTRACT = re.compile(r"^\W*(?:abstract|summary|résumé|zusammenfassung|摘\s*要)\b", re.IGNORECASE)
_BODY = re.compile(
    r"^\W*(?:(?:\d+|I)\s*[.:]?\s*introduction\b|introduction$|key\s?words\b|index terms\b|ccs concepts\b"
    r"|1\s+[A-Z][a-z]+)",
    re.IGNORECASE,
)
# Lines of the largest type that name where a paper appears, not the paper.
_RUNNING_HEAD = re.compile(
    r"^\W*(?:the\s+)?(?:(?:international|european|american|british|ieee|acm|open|electronic)\s+)*"
    r"(?:journal|proceedings|transactions|annals|bulletin|letters|archives?|acta|lecture notes|magazine|review)\b"
    r"|\bvol(?:ume|\.)?\s*\d+|\bno\.\s*\d+|\bissn\b|\bdoi\b|https?:|www\.|©|\(c\)\s*\d{4}"
    r"|^\W*(?:received|accepted|published|revised|open access|contents lists?)\b|^\W*article\W*$"
    r"|^\W*(?:research|original|review|regular)\s+(?:article|paper|report)s?\W*$"
    r"|^\W*(?:confidential|draft|preprint|do not (?:copy|distribute)|under review|manuscript|technical report"
    r"|working paper)\b|^arxiv:\S+",
    re.IGNORECASE,
)
# Names of journals and publishers that hold none of those words, alone on their line; volumes with years; workshops.
_IMPRINTS = (
    r"nature (?:communications|methods|medicine|genetics|physics|materials|chemistry|neuroscience|biotechnology|energy"
    r"|astronomy|photonics|nanotechnology|machine intelligence|computational science|human behaviour|climate change)",
    r"(?:npj|bmc|jama|frontiers in)(?: \w+){1,3}",
    r"plos (?:one|biology|medicine|genetics|(?:computational|climate)(?: biology)?)",
    r"cell (?:reports|systems|metabolism|press)|current biology|neuron|the lancet(?: \w+)?|science(?: advances)?",
    r"elife|pnas",
    r"advances in (?:applied )?(?:mathematics|physics|probability)|astronomy (?:&|and) astrophysics",
    r"(?:the )?astrophysical(?: journal)?|physics letters [ab]|physical review \w+(?: \w)?|scienti\W?\w{0,2}c reports",
    r"ieee access|iop publishing|springer(?: nature)?|elsevier|wiley|mdpi|sage|(?:oxford|cambridge) university press",
    r"arxiv preprint|original research|author.{0,2}s personal copy",
)
_IMPRINT = re.compile(
    rf"^\W*(?:{'|'.join(_IMPRINTS)})\W*$|\b\d{{1,4}}\s*\((?:19|20)\d\d\)\s*\d+"
    r"|^\W*(?:(?:the|\d+(?:st|nd|rd|th)|first|second|third|international|european|annual|ieee|acm|joint) ){0,5}"
    r"(?:workshops?|conference|symposium|congress) (?:on|for|of)\b.*\b(?:19|20)\d\d\W*$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")
_NOT_A_NAME = re.compile(
    r"@|https?:|\d{3,}|\b(?:universit\w*|institut\w*|department|dept|school|college|laborator\w*|labs?|research|inc|corp"
    r"|gmbh|ltd|center|centre|academy|faculty|fakultät|technolog\w*|engineering|science\w*|email|e-mail|abstract|proceedings"
    r"|conference|journal|preprint|under review|published|correspond\w*|author\w*|google|microsoft|meta|openai|deepmind"
    r"|ibm|amazon|uc|mit|cnrs|inria|germany|france|italy|spain|china|japan|india|usa|uk|canada|orcid|member|fellow)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"(?<=[^\W\d_.])[\d*†‡§¶∗⋆♯♭♮✉]+(?:\s*,\s*[\d*†‡§¶∗⋆♯♭♮✉]+)*|[\u00b9\u00b2\u00b3\u2070-\u2079*†‡§¶∗⋆✉]+"
)
_BETWEEN_NAMES = re.compile(r"\s*[,;·•|]\s*|\s*\b(?:and|AND|und|et)\s+|\s*&\s*|\s{3,}")
_PARTICLE = re.compile(
    r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ter|ten|zu|af|st)", re.IGNORECASE
)
_WORD_OF_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.‐-])*")
_AFFILIATION_MARK = re.compile(r"^\W*\d")


def title_of(lines: Sequence[Line], metadata: str) -> tuple[str, int]:
    """The title, empty where none is found, and the index of the line after it."""
    head = lines[: _head_end(lines)]
    start, end = _printed_metadata(head, metadata) or _largest(head)
    printed = _join(line.text for line in head[start:end])
    if printed and _fold(printed) == _fold(metadata) and len(metadata.split()) > len(printed.split()):
        printed = metadata  # the page's own spacing can be lost
    return printed.strip().rstrip("*†‡∗⋆ "), end


def authors_of(lines: Sequence[Line], metadata: str) -> tuple[str, ...]:
    """Names on the lines behind the title; those of the metadata where the page shows no more and prints them."""
    printed = _printed_names(lines[: _head_end(lines)])
    named = [name for part in re.split(r"\s*[;,]\s*|\s+and\s+", metadata) if is_name(name := part.strip())]
    page = _fold(" ".join(line.text for line in lines))
    if named and len(named) >= len(printed) and (not printed or all(_fold(name) in page for name in named)):
        return tuple(dict.fromkeys(named))
    return tuple(printed)


def is_name(text: str) -> bool:
    """Whether this reads like a person's name: two to six words, each with a capital or a particle."""
    words = text.split()
    if not 2 <= len(words) <= 6 or len(text) > 60 or _NOT_A_NAME.search(text):
        return False
    if not all(_WORD_OF_NAME.fullmatch(word) for word in words):
        return False
    plain = [word for word in words if not _PARTICLE.fullmatch(word)]
    if text.isupper():  # JANE DOE, as journals set names
        return len(words) <= 4 and any(len(word.strip(".")) > 2 for word in words)
    return len(plain) >= 2 and not any(word[0].islower() for word in plain)


def _head_end(lines: Sequence[Line]) -> int:
    """Where the abstract or the text begins; title and authors stand before it."""
    for index, line in enumerate(lines):
        if _ABSTRACT.match(line.text):
            return index
    return next((index for index, line in enumerate(lines) if _BODY.match(line.text)), len(lines))


def _printed_metadata(head: Sequence[Line], metadata: str) -> tuple[int, int] | None:
    """The lines that print the metadata's title, whole."""
    wanted = _fold(metadata)
    if len(wanted) < 8 or _is_running_head(metadata):
        return None
    for start in range(len(head)):
        printed = ""
        for end in range(start, min(start + _MAX_TITLE_LINES, len(head))):
            printed += _fold(head[end].text)
            if printed == wanted:
                return start, end + 1
            if not wanted.startswith(printed):
                break
    return None


def _largest(head: Sequence[Line]) -> tuple[int, int]:
    """The first run of the largest type that reads like a title."""
    for size in sorted({line.size for line in head[:60]}, reverse=True)[:5]:
        start = 0
        while start < len(head):
            if not _same_size(head[start].size, size):
                start += 1
                continue
            end = start + 1
            while end < len(head) and end - start < _MAX_TITLE_LINES and _continues(head[end - 1], head[end]):
                end += 1
            if _reads_like_a_title(head[start:end]):
                return start, end
            start = end
    return 0, 0


def _continues(line: Line, following: Line) -> bool:
    near = not (line.y and following.y) or abs(line.y - following.y) < 2.5 * line.size
    return _same_size(line.size, following.size) and near and not _is_running_head(following.text)


def _same_size(one: float, other: float) -> bool:
    return abs(one - other) <= max(0.3, 0.02 * other)


def _reads_like_a_title(lines: Sequence[Line]) -> bool:
    text = " ".join(line.text for line in lines)
    is_head = _is_running_head(lines[0].text) or _is_running_head(text)
    return len(_LETTERS.findall(text)) >= 8 and len(text.split()) >= 2 and not is_head


def _is_running_head(text: str) -> bool:
    return bool(_RUNNING_HEAD.search(text) or _IMPRINT.search(text))


def _printed_names(lines: Sequence[Line]) -> list[str]:
    """Names in the type of the first line of names; a line that comes again is an institution."""
    lines = lines[:_MAX_AUTHOR_LINES]
    texts = [line.text for line in lines]
    first = next((line for line in lines if _names_in(line.text_of_names)), None)
    if first is None:
        return []
    names: list[str] = []
    cut = ""  # a name that goes on on the next line
    for line in lines:
        if not _same_size(line.size, first.size) or texts.count(line.text) > 1 or _AFFILIATION_MARK.match(line.text):
            cut = ""
            continue
        text = line.text_of_names
        found = _names_in(f"{cut} {text}") or _names_in(text)
        cut = _cut_name(text) if len(found) > 1 else ""
        names += [name for name in found if name != cut]
    return list(dict.fromkeys(names))


def _cut_name(text: str) -> str:
    """The end of a line of names that is no whole name: ``…, Ana Franco da``."""
    tail = _BETWEEN_NAMES.split(_MARKS.sub(" , ", text))[-1].strip()
    return tail if tail and (not is_name(tail) or _PARTICLE.fullmatch(tail.split()[-1])) else ""


def _names_in(text: str) -> list[str]:
    """The names of a line; none where it holds more than names and institutions."""
    parts = [part.strip(" ,.") for part in _BETWEEN_NAMES.split(_MARKS.sub(" , ", text))]
    names = [part for part in parts if is_name(part)]
    others = [part for part in parts if part and part not in names and not _NOT_A_NAME.search(part)]
    return names if len(names) > sum(not other.isupper() for other in others) else []


def _join(texts: Iterator[str]) -> str:
    """Lines of a title as one; a word cut at a line's end is whole again."""
    return re.sub(r"(?<=[a-z])- (?=[a-z])", "", " ".join(texts))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())
