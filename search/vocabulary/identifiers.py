"""Identifiers of papers as people paste them, parsed and made canonical. Pure.

Start at :func:`parse_identifier` (one) or :func:`parse_identifiers` (several). :mod:`.addresses` parses web addresses,
:mod:`.identifier_forms` all other forms.

==========  =======================  ==================================
source      value                    parsed from
==========  =======================  ==================================
arxiv       ``2406.01234``           also ``arXiv:2406.01234v2``, ``hep-th/9901001``, ``math.AG/0601001``, addresses
doi         ``10.1000/abc``          ``doi:``, resolvers, addresses of publishers; in lower case
acl         ``2020.acl-main.1``      also ``P19-1001``
others      as in the address        openreview, pmlr, ijcai, neurips, cvf, ecva, rss, aaai, ieee, icml, iclr
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
    """Parse one identifier or address; None where the text is neither.

    >>> parse_identifier("https://arxiv.org/pdf/1406.02661v1").key
    'arxiv:1406.2661'
    >>> parse_identifier("doi:10.18653/V1/P19-1001").key
    'doi:10.18653/v1/p19-1001'
    """
    text = unwrap(text)
    if not text or len(text) > 500:
        return None
    if text.startswith(("https://", "http://")):
        return parse_address(text)
    identifier = parse_bare(text)
    return identifier if identifier is not None or PREFIX.match(text) else parse_address(text)


def parse_identifiers(text: str) -> list[Identifier]:
    """Parse a list separated by commas, semicolons or white space; each work once.

    The result is empty if any part is not an identifier: then the text is a query.
    """
    text = re.sub(r"\b(arxiv|doi|acl|openreview)\s*:\s+", r"\1:", text.strip(), flags=re.IGNORECASE)
    by_key: dict[str, Identifier] = {}
    for token in _SPLIT.split(text):
        if not token or _LISTED_CLASS.fullmatch(token):
            continue
        identifier = parse_identifier(token)
        if identifier is None:
            return []
        by_key.setdefault(identifier.key, identifier)
    return list(by_key.values())


def canonical_arxiv(text: str) -> str | None:
    """The canonical arXiv id without version: ``1406.2661``, ``hep-th/9901001``; None if the text is not one."""
    identifier = parse_arxiv(unwrap(text))
    if identifier is None:
        parsed = parse_identifier(text)
        identifier = parsed if parsed is not None and parsed.source == "arxiv" else None
    return identifier.value if identifier else None


def canonical_doi(text: str) -> str | None:
    """A DOI in lower case without resolver; None if the text is not one, or is an arXiv id written as a DOI."""
    identifier = parse_identifier(text)
    return identifier.value if identifier is not None and identifier.source == "doi" else None


def alternatives(identifier: Identifier) -> list[Identifier]:
    """Other identifiers of the same work: DOIs of the ACL Anthology end in its ids."""
    if identifier.source == "doi" and (match := _ACL_DOI.fullmatch(identifier.value)):
        acl_id = parse_acl(match[1])
        return [acl_id] if acl_id else []
    return []
