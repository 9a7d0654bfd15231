"""How bibliographies write the same paper: habits of DBLP, Crossref, PubMed, INSPIRE, ADS, Google Scholar and people.

Each function gets a value as the registry has it and a random generator, and returns the value as another source
writes it.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

_SHORT_VENUES = (
    (r"Findings of the Association for Computational Linguistics: (\w+) (\d{4}).*", r"\1 \2 (Findings)"),
    (r".*?(\d{4}) Conference of the Nations of the Americas.*", r"NAACL \1"),
    (r".*?(\d{4}) Conference on Empirical Methods.*", r"EMNLP \1"),
    (r".*Annual Meeting of the Association for Computational Linguistics \(Volume.*", "ACL"),
    (r".*International Conference on Computational Linguistics$", "COLING"),
    (r".*European Chapter of the Association for Computational Linguistics(?: \(Volume.*)?", "EACL"),
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_UNCOMPOSED = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "æ": "ae", "ß": "ss"})
_TEX_ACCENTS = {
    "\u0301": "'",
    "\u0300": "`",
    "\u0308": '"',
    "\u0302": "^",
    "\u0303": "~",
    "\u030c": "v ",
    "\u0327": "c ",
}
_SMALL = frozenset({"a", "an", "the", "of", "on", "in", "for", "and", "to", "with", "by", "at", "from", "via"})


def write_names(names: list[str], rng: Random) -> list[str]:
    """Names of one list, all in one manner; long lists are cut now and then."""
    manner = rng.choice((_as_is, _as_is, _inverted, _initials, _inverted_initials, _joined_initials, _ascii, _numbered))
    written = [manner(name) for name in names]
    if len(names) > 3 and rng.random() < 0.1:
        return [*written[:3], "others"]
    return written


def write_title(title: str, rng: Random) -> str:
    """The title in another case, with other punctuation or markup."""
    manner = rng.choice(
        (_as_is, _as_is, _sentence_case, _headline_case, str.upper, _full_stop, _dashed, _entities, _braced)
    )
    return manner(title)


def write_venue(venue: str, rng: Random) -> str:
    """The venue in full, by its short name, or not at all."""
    short = venue
    for pattern, name in _SHORT_VENUES:
        if re.fullmatch(pattern, venue):
            short = re.sub(pattern, name, venue)
            break
    return rng.choice((venue, venue, short, short, re.sub(r"^Proceedings of (?:the )?", "", venue), ""))


def split_name(name: str) -> tuple[str, str]:
    """Given and family names, roughly: particles stay with the family name."""
    words = name.split()
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def _as_is(text: str) -> str:
    return text


def _inverted(name: str) -> str:
    given, family = split_name(name)
    return f"{family}, {given}" if given else family


def _initials(name: str) -> str:
    given, family = split_name(name)
    letters = " ".join("-".join(f"{part[0]}." for part in word.split("-") if part) for word in given.split())
    return f"{letters} {family}".strip()


def _inverted_initials(name: str) -> str:
    given, family = split_name(name)
    letters = " ".join(f"{word[0]}." for word in given.split())
    return f"{family}, {letters}" if letters else family


def _joined_initials(name: str) -> str:
    """PubMed's manner."""
    given, family = split_name(name)
    return f"{family} {''.join(word[0] for word in re.split('[ -]', given) if word)}".strip()


def _numbered(name: str) -> str:
    """DBLP's manner with people of one name."""
    return f"{name} 0001" if len(name.split()) > 1 else name


def _ascii(name: str) -> str:
    written_out = name.translate(_GERMAN) if any(char in name for char in "äöüß") else name.translate(_UNCOMPOSED)
    decomposed = unicodedata.normalize("NFKD", written_out)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _sentence_case(title: str) -> str:
    first, *rest = title.split()
    return " ".join([first, *(word.lower() if word[1:].islower() else word for word in rest)])


def _headline_case(title: str) -> str:
    words = [
        word if word.lower() in _SMALL or not word[:1].isalpha() else word[0].upper() + word[1:]
        for word in title.split()
    ]
    return " ".join(words)


def _full_stop(title: str) -> str:
    return f"{title}." if title[-1].isalnum() else title


def _dashed(title: str) -> str:
    return title.replace(": ", " — ", 1)


def _entities(title: str) -> str:
    return title.replace("&", "&amp;").replace("'", "&#39;").replace("’", "&rsquo;")


def _braced(title: str) -> str:
    """BibTeX's manner: braces around words with capitals, accents as TeX commands."""
    text = "".join(_tex_accent(char) for char in title)
    return " ".join(
        f"{{{word}}}" if any(char.isupper() for char in word[1:]) and "$" not in title else word
        for word in text.split()
    )


def _tex_accent(char: str) -> str:
    decomposed = unicodedata.normalize("NFD", char)
    base, marks = decomposed[0], decomposed[1:]
    if marks in _TEX_ACCENTS and base.isascii():
        return f"{{\\{_TEX_ACCENTS[marks]}{base}}}"
    return char
