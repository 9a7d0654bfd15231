"""What a DOI is evidence of: the paper itself, its preprint, or the volume that it stands in. Pure.

Forms are those that the publishers' own DOIs have; a container that none of them tells is still no match by itself, as
:mod:`.verdicts` asks for title and authors too.
"""

from __future__ import annotations

import re

_ISBN = re.compile(r"[a-z]{0,6}((?:97[89])[-\d]+|\d-\d+-\d+-[\dx])")
_ISBN_LENGTHS = (10, 13)
_CONTAINERS = re.compile(
    "|".join(
        (
            r"10\.1007/(?:b\d{4,6}|\d{6,8})",  # Springer's books before they had ISBNs in DOIs
            r"10\.1090/(?:conm|pspum|psapm|amsip|crmp|fic|dimacs)/\d+",  # collections at the AMS
            r"10\.3115/v1/[a-z]\d\d-\d{1,2}",
            r"10\.21437/[a-z_]+\.\d{4}",  # ISCA
            r"10\.3233/(?:faia|shti|atde)\d{1,4}",  # IOS Press; papers have six digits
            r"10\.1016/(?:c(?:19|20)\d\d-0-\d+-\d|s\d{4}-\d{3}[\dx]\(\d\d\)x\d{4}-\d|b97[89][-\d]+x?\.x\d{4}-\d)",
            r"10\.1093/.*/97[89]\d{10}\.001\.0001",  # whole books at Oxford
            r"10\.1109/[a-z]+\d*\.(?:19|20)\d\d",  # proceedings at IEEE; papers have a number behind
            r"10\.1609/[a-z]+\.v\d+i\d+",
            r"10\.18653/v1/(?:\d{4}\.[a-z0-9_]+-[a-z0-9_]+|[a-z]\d\d-\d{1,2})",
            r"10\.4230/[a-z]+\.[a-z]+\.\d{4}(?:\.0)?",
            r"10\.52202/\d{6}",
            r"10\.\d{4,9}/[a-z0-9_]+\.v\d+[.:]\d+(?:[.:]?s?\d*)?",  # issues at Wiley: 10.1111/cgf.v38.2
            r"10\.\d{4,9}/issn[.:]?\d{4}-\d{3}[\dx]",
        )
    )
)
# Prefixes of servers of preprints and copies: their DOIs say nothing against the DOI of the publication.
_PREPRINT_PREFIXES = (
    "10.1101 10.48550 10.2139 10.21203 10.20944 10.31234 10.31219 10.31235 10.31223 10.26434 10.36227 10.22541 "
    "10.5281 10.6084 10.14293 10.33774 10.32942 10.51094 10.35542 10.2307"
)
_PREPRINTS = frozenset(_PREPRINT_PREFIXES.split())


def is_container_doi(doi: str) -> bool:
    """Whether a DOI names a volume: it is no evidence for the volume's parts.

    >>> is_container_doi("10.1007/978-3-319-10590-1"), is_container_doi("10.1007/978-3-319-10590-1_12")
    (True, False)
    """
    isbn = _ISBN.fullmatch(doi.partition("/")[2])
    if isbn and len(isbn[1].replace("-", "")) in _ISBN_LENGTHS:
        return True
    return _CONTAINERS.fullmatch(doi) is not None


def is_preprint_doi(doi: str) -> bool:
    """Whether a DOI names a preprint or a copy, beside which the publication has its own."""
    return doi.partition("/")[0] in _PREPRINTS
