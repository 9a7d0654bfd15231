"""The names of this library and of its papers in OAI-PMH.

Identifiers follow http://www.openarchives.org/OAI/2.0/guidelines-oai-identifier.htm: ``oai:<repository>:<key>``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from search.vocabulary.identifiers import parse_identifier

ARXIV = "arxiv.org"
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z][a-zA-Z0-9-]*)+")
_UNQUOTED = "-_.!~*'();/?:@&=+$,"


@dataclass(frozen=True, slots=True)
class OaiName:
    """An identifier's repository (lower case; "" where the identifier is none of OAI) and the key of its paper."""

    repository: str
    key: str


def repository_id() -> str:
    """The name of this library: the host of SITE_URL, or else one made of the secret key.

    Two libraries must not share a name: each would take the other's papers for its own.
    """
    return _repository_id(settings.SITE_URL, settings.SECRET_KEY)


@lru_cache(maxsize=8)
def _repository_id(site_url: str, secret: str) -> str:
    host = (urlsplit(site_url).hostname or "").lower()
    if _DOMAIN.fullmatch(host):
        return host
    digest = hashlib.sha256(f"coolpapers.repository:{secret}".encode()).hexdigest()
    return f"library-{digest[:12]}.invalid"


def oai_identifier(key: str) -> str:
    """``oai:papers.example.org:arxiv:2406.01234``."""
    return f"oai:{repository_id()}:{quote(key, safe=_UNQUOTED)}"


def parse_oai_identifier(text: str) -> OaiName:
    """The repository and key behind ``oai:<host>:<local id>``; arXiv's local ids become our keys.

    >>> parse_oai_identifier("oai:arXiv.org:0704.0001")
    OaiName(repository='arxiv.org', key='arxiv:0704.0001')
    """
    scheme, _, rest = text.partition(":")
    host, _, local = rest.partition(":")
    if scheme.lower() != "oai" or not local:
        return OaiName("", local or text)
    if host.lower() == ARXIV:
        found = parse_identifier(f"arxiv:{local}")
        return OaiName(ARXIV, found.key if found else text)
    return OaiName(host.lower(), unquote(local))
