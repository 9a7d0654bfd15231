"""Identifiers without an address (arXiv ids, DOIs, ACL ids, prefixed forms), made canonical. Pure.

Start at :func:`parse_bare`. :mod:`.identifiers` also parses web addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Source → its label in an address: /venue/<ident>@<label>.
SOURCE_LABELS = {
    "arxiv": "arXiv",
    "doi": "DOI",
    "acl": "ACL",
    "openreview": "OpenReview",
    "pmlr": "PMLR",
    "ijcai": "IJCAI",
    "neurips": "NeurIPS",
    "cvf": "CVF",
    "ecva": "ECVA",
    "rss": "RSS",
    "aaai": "AAAI",
    "ieee": "IEEE",
    "icml": "ICML",
    "iclr": "ICLR",
    "file": "File",
}
SOURCE_BY_LABEL = {label.lower(): source for source, label in SOURCE_LABELS.items()}

# Archives of ids before 2007, including those merged since (arxiv.org/archive).
_OLD_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
)
OLD_ARCHIVES = frozenset(_OLD_ARCHIVES.split())

_NEW_ARXIV = re.compile(r"(\d\d)(\d\d)\.(\d{4,5})(?:v([1-9]\d{0,2}))?", re.IGNORECASE | re.ASCII)
_OLD_ARXIV = re.compile(
    r"([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/(\d\d)(\d\d)(\d{3})(?:v([1-9]\d{0,2}))?", re.IGNORECASE | re.ASCII
)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+", re.ASCII)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_NEW_ACL = re.compile(r"((?:19|20)\d\d\.[a-z0-9_]+-[a-z0-9_]+\.\d+)(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII)
_OLD_ACL = re.compile(r"([A-Z]\d\d-\d{4,5})(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII)
# The form of an id that a prefix or an address names as ACL's is less strict: L14-9, 2023.acl-long.report.
_NAMED_ACL = re.compile(
    r"([A-Z]\d\d-\d{1,5}|(?:19|20)\d\d\.[a-z0-9_]+-[a-z0-9_]+\.[a-z0-9]+?)(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII
)
_OPENREVIEW = re.compile(r"[A-Za-z0-9_-]{6,20}", re.ASCII)
PREFIX = re.compile(r"(arxiv|doi|acl|openreview)\s*:\s*(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A work by its id in a source. ``version`` is the version asked for, None for the newest."""

    source: str
    value: str
    version: int | None = None

    @property
    def key(self) -> str:
        """The key of the work: ``arxiv:2406.01234``; versions share it."""
        return f"{self.source}:{self.value}"

    def __str__(self) -> str:
        return self.value if self.version is None else f"{self.value}v{self.version}"


def parse_bare(text: str) -> Identifier | None:
    """Parse an identifier that is not an address, with or without a prefix (``doi:…``)."""
    text = unwrap(text)
    prefix = PREFIX.match(text)
    if prefix:
        return parse_prefixed(prefix[1].lower(), text[prefix.end() :])
    return parse_arxiv(text) or parse_doi(text) or parse_acl(text)


def unwrap(text: str) -> str:
    """The text without the brackets, quotes and punctuation that surround an identifier in prose."""
    if text[:1].isalnum() and text[-1:].isalnum():
        return text
    text = text.strip().strip("<>\"'“”‘’").rstrip(".,;:!?")
    for opening, closing in ("()", "[]", "{}"):
        if text.startswith(opening):
            text = text[1:]
        while text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1]
    return text.strip().rstrip(".,;:!?")


def parse_prefixed(prefix: str, value: str) -> Identifier | None:
    if prefix == "arxiv":
        return parse_arxiv(value)
    if prefix == "doi":
        return parse_doi(value)
    if prefix == "acl":
        return parse_acl(value) or _parse_named_acl(value)
    return Identifier("openreview", value) if _OPENREVIEW.fullmatch(value) else None


def parse_arxiv(text: str) -> Identifier | None:
    if match := _NEW_ARXIV.fullmatch(text):
        year, month, number, version = match.groups()
        value = _new_arxiv(year, month, number)
    elif match := _OLD_ARXIV.fullmatch(text):
        archive, year, month, number, version = match.groups()
        value = _old_arxiv(archive.lower(), year, month, number)
    else:
        return None
    return Identifier("arxiv", value, int(version) if version else None) if value else None


def _new_arxiv(year: str, month: str, number: str) -> str:
    """Ids since April 2007 have four digits, since January 2015 five; the other form is corrected."""
    if not "01" <= month <= "12" or year + month < "0704" or not int(number):
        return ""
    if year < "15" and len(number) == 5:
        if not number.startswith("0"):
            return ""
        number = number[1:]
    return f"{year}{month}.{number.zfill(4 if year < '15' else 5)}"


def _old_arxiv(archive: str, year: str, month: str, number: str) -> str:
    """Ids from August 1991 to March 2007: archive, year, month, number."""
    date = ("19" if year >= "91" else "20") + year + month
    is_valid = archive in OLD_ARCHIVES and "01" <= month <= "12" and int(number)
    return f"{archive}/{year}{month}{number}" if is_valid and "199107" <= date <= "200703" else ""


def parse_doi(text: str) -> Identifier | None:
    if not _DOI.fullmatch(text):
        return None
    if match := _ARXIV_DOI.fullmatch(text):
        return parse_arxiv(match[1])
    return Identifier("doi", text.lower())


def parse_acl(text: str) -> Identifier | None:
    if match := _NEW_ACL.fullmatch(text):
        value = match[1].lower()
    elif match := _OLD_ACL.fullmatch(text):
        value = match[1].upper()
    else:
        return None
    return Identifier("acl", value, int(match[2]) if match[2] else None)


def _parse_named_acl(text: str) -> Identifier | None:
    match = _NAMED_ACL.fullmatch(text)
    if match is None:
        return None
    value = match[1].upper() if match[1][0].isalpha() else match[1].lower()
    return Identifier("acl", value, int(match[2]) if match[2] else None)
