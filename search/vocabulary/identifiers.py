"""Identifiers of papers as people paste them: parsed, made canonical, compared. Pure.

Start at :func:`parse_identifier` (one) and :func:`parse_identifiers` (several). Addresses of publishers are read by
:mod:`.site_addresses`; this module knows the bare forms.

==========  =======================  ==================================
source      value                    read from
==========  =======================  ==================================
arxiv       ``2406.01234``           also ``arXiv:2406.01234v2``, ``hep-th/9901001``, ``math.AG/0601001``, addresses
doi         ``10.1000/abc``          ``doi:``, resolvers, publishers' addresses; always lower case
acl         ``2020.acl-main.1``      also ``P19-1001``
others      as in their address      openreview, pmlr, ijcai, neurips, cvf, ecva, rss, aaai, ieee, icml, iclr
==========  =======================  ==================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# How a source is called in an address: /venue/<ident>@<label>.
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

# arXiv lists these pairs as one category under two names; the right-hand one is kept.
CATEGORY_ALIASES = {
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}
# Archives before 2007, also those that were merged into others since (arxiv.org/archive).
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
_ACL_DOI = re.compile(r"10\.18653/v1/(.+)", re.IGNORECASE)
_NEW_ACL = re.compile(r"((?:19|20)\d\d\.[a-z0-9_]+-[a-z0-9_]+\.\d+)(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII)
_OLD_ACL = re.compile(r"([A-Z]\d\d-\d{4,5})(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII)
# Named as an ACL id (prefix or address), less is asked of it: L14-9 and 2023.acl-long.report exist.
_NAMED_ACL = re.compile(
    r"([A-Z]\d\d-\d{1,5}|(?:19|20)\d\d\.[a-z0-9_]+-[a-z0-9_]+\.[a-z0-9]+?)(?:v([1-9]\d?))?", re.IGNORECASE | re.ASCII
)
_OPENREVIEW = re.compile(r"[A-Za-z0-9_-]{6,20}", re.ASCII)
_PREFIX = re.compile(r"(arxiv|doi|acl|openreview)\s*:\s*(?=\S)", re.IGNORECASE)
_LISTED_CLASS = re.compile(r"\[[a-z-]+(?:\.[A-Za-z-]+)?\]", re.ASCII)  # arXiv:2406.01234 [cs.CL]
_SPLIT = re.compile(r"[\s,;，；、]+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """One work as a source names it; ``version`` is what was asked for, None for the newest."""

    source: str
    value: str
    version: int | None = None

    @property
    def key(self) -> str:
        """The key of the work: ``arxiv:2406.01234``; versions share it."""
        return f"{self.source}:{self.value}"

    def __str__(self) -> str:
        return self.value if self.version is None else f"{self.value}v{self.version}"


def parse_identifier(text: str) -> Identifier | None:
    """Read one identifier or address, or return None.

    >>> parse_identifier("https://arxiv.org/pdf/1406.02661v1").key
    'arxiv:1406.2661'
    >>> parse_identifier("doi:10.18653/V1/P19-1001").key
    'doi:10.18653/v1/p19-1001'
    """
    # The two modules read each other's forms: an address holds an identifier, a DOI address a DOI.
    from search.vocabulary.addresses import parse_address

    text = _unwrap(text)
    if not text or len(text) > 500:
        return None
    prefix = _PREFIX.match(text)
    if prefix:
        return _parse_prefixed(prefix[1].lower(), text[prefix.end() :])
    return _parse_arxiv(text) or _parse_doi(text) or _parse_acl(text) or parse_address(text)


def parse_identifiers(text: str) -> list[Identifier]:
    """Read a list separated by commas, semicolons or white space, each work once.

    Empty where any part of it is not an identifier: the text is then a query.
    """
    text = re.sub(r"\b(arxiv|doi|acl|openreview)\s*:\s+", r"\1:", text.strip(), flags=re.IGNORECASE)
    found: dict[str, Identifier] = {}
    for token in _SPLIT.split(text):
        if not token or _LISTED_CLASS.fullmatch(token):
            continue
        identifier = parse_identifier(token)
        if identifier is None:
            return []
        found.setdefault(identifier.key, identifier)
    return list(found.values())


def canonical_arxiv(text: str) -> str | None:
    """The one form of an arXiv id without version: ``1406.2661``, ``hep-th/9901001``; None if it is not one."""
    identifier = _parse_arxiv(_unwrap(text))
    if identifier is None:
        found = parse_identifier(text)
        identifier = found if found is not None and found.source == "arxiv" else None
    return identifier.value if identifier else None


def canonical_doi(text: str) -> str | None:
    """A DOI in lower case without resolver; None if it is not one, or is only another spelling of an arXiv id."""
    identifier = parse_identifier(text)
    return identifier.value if identifier is not None and identifier.source == "doi" else None


def alternatives(identifier: Identifier) -> list[Identifier]:
    """Other names that the same work can be known by: the ACL Anthology's DOIs end in its ids."""
    if identifier.source == "doi" and (match := _ACL_DOI.fullmatch(identifier.value)):
        found = _parse_acl(match[1])
        return [found] if found else []
    return []


def fold_category(code: str) -> str:
    """A category by its one name: ``cs.NA`` → ``math.NA``."""
    return CATEGORY_ALIASES.get(code, code)


def _unwrap(text: str) -> str:
    """Without the brackets, quotes and full stops that surround an identifier in prose."""
    text = text.strip().strip("<>\"'“”‘’").rstrip(".,;:!?")
    for opening, closing in ("()", "[]", "{}"):
        if text.startswith(opening):
            text = text[1:]
        while text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1]
    return text.strip().rstrip(".,;:!?")


def _parse_prefixed(prefix: str, rest: str) -> Identifier | None:
    if prefix == "arxiv":
        return _parse_arxiv(rest)
    if prefix == "doi":
        return _parse_doi(rest)
    if prefix == "acl":
        return _parse_acl(rest) or _parse_named_acl(rest)
    return Identifier("openreview", rest) if _OPENREVIEW.fullmatch(rest) else None


def _parse_arxiv(text: str) -> Identifier | None:
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
    """Ids since April 2007 have four digits, since January 2015 five; the other spelling is mended."""
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
    known = archive in OLD_ARCHIVES and "01" <= month <= "12" and int(number)
    return f"{archive}/{year}{month}{number}" if known and "199107" <= date <= "200703" else ""


def _parse_doi(text: str) -> Identifier | None:
    if not _DOI.fullmatch(text):
        return None
    if match := _ARXIV_DOI.fullmatch(text):
        return _parse_arxiv(match[1])
    return Identifier("doi", text.lower())


def _parse_acl(text: str) -> Identifier | None:
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
