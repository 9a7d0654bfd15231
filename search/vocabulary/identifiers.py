"""Identifiers of papers as people paste them: parsed, made canonical, compared. Pure.

Start at :func:`parse_identifier` (one) and :func:`parse_identifiers` (several). Addresses of publishers are read by
:mod:`.addresses`, bare forms by :mod:`.identifier_forms`.

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

from search.vocabulary.addresses import parse_address
from search.vocabulary.identifier_forms import PREFIX, Identifier, parse_acl, parse_arxiv, parse_bare, unwrap

_ACL_DOI = re.compile(r"10\.18653/v1/(.+)", re.IGNORECASE)
_LISTED_CLASS = re.compile(r"\[[a-z-]+(?:\.[A-Za-z-]+)?\]", re.ASCII)  # arXiv:2406.01234 [cs.CL]
_SPLIT = re.compile(r"[\s,;，；、]+")


def parse_identifier(text: str) -> Identifier | None:
    """Read one identifier or address, or return None.

    >>> parse_identifier("https://arxiv.org/pdf/1406.02661v1").key
    'arxiv:1406.2661'
    >>> parse_identifier("doi:10.18653/V1/P19-1001").key
    'doi:10.18653/v1/p19-1001'
    """
    text = unwrap(text)
    if not text or len(text) > 500:
        return None
    found = parse_bare(text)
    return found if found is not None or PREFIX.match(text) else parse_address(text)


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
    identifier = parse_arxiv(unwrap(text))
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
        found = parse_acl(match[1])
        return [found] if found else []
    return []
