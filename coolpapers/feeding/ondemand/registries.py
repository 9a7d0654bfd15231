"""Single papers from the registries that their identifiers belong to. Start at :func:`fetch_paper`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from coolpapers.feeding.errors import NotOnDemand
from coolpapers.papers.errors import SourceUnavailable
from coolpapers.papers.harvesting.arxiv_query import ARXIV_API_URL, query_arxiv
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.records.record import Item, Record
from coolpapers.papers.sources.bibtex.source import BibtexSource
from coolpapers.papers.sources.conference_json import ConferenceJsonSource
from coolpapers.papers.sources.references.csl import CslJsonSource
from search.vocabulary.identifier_forms import Identifier

ADDRESSES = {
    "arxiv": ARXIV_API_URL,
    "doi": "https://doi.org",
    "acl": "https://aclanthology.org",
    "openreview": "https://api2.openreview.net/notes",
}
_CSL = "application/vnd.citationstyles.csl+json"  # what doi.org's registries give instead of a page


def can_fetch(identifier: Identifier) -> bool:
    """Whether a registry gives single papers with identifiers of this kind."""
    return identifier.source in _FETCHERS


def fetch_paper(identifier: Identifier, *, client: PoliteClient) -> list[Item]:
    """The record of the paper, with the key that the identifier names.

    Raises
    ------
    NotOnDemand
        If no registry gives papers with such identifiers.
    SourceUnavailable
        If the registry does not answer; SourceMissing if it has no such paper.
    """
    if not can_fetch(identifier):
        raise NotOnDemand(f"No registry gives papers by identifiers of the kind {identifier.source!r}.")
    items = _FETCHERS[identifier.source](identifier, client)
    if not any(isinstance(item, Record) for item in items):
        reason = next((str(item) for item in items if not isinstance(item, Record)), "")
        raise SourceUnavailable(f"The registry gives no usable record of {identifier.key}. {reason}".strip())
    return items


def _from_arxiv(identifier: Identifier, client: PoliteClient) -> list[Item]:
    return list(query_arxiv([identifier.value], client=client, url=ADDRESSES["arxiv"]))


def _from_doi(identifier: Identifier, client: PoliteClient) -> list[Item]:
    url = f"{ADDRESSES['doi']}/{quote(identifier.value, safe='/')}"
    data = client.get(url, {}, media_type=_CSL)
    return _named(CslJsonSource().read(io.BytesIO(b"[" + data + b"]"), name=url), identifier)


def _from_acl(identifier: Identifier, client: PoliteClient) -> list[Item]:
    url = f"{ADDRESSES['acl']}/{quote(identifier.value)}.bib"
    return _named(BibtexSource().read(io.BytesIO(client.get(url, {})), name=url), identifier)


def _from_openreview(identifier: Identifier, client: PoliteClient) -> list[Item]:
    url = ADDRESSES["openreview"]
    return list(ConferenceJsonSource().read(io.BytesIO(client.get(url, {"id": identifier.value})), name=url))


def _named(items: Iterable[Item], identifier: Identifier) -> list[Item]:
    """The first record, by the identifier that was asked for; bibliographies know no ids of their own."""
    found = list(items)
    record = next((item for item in found if isinstance(item, Record)), None)
    if record is None:
        return found
    doi = identifier.value if identifier.source == "doi" else record.doi
    return [replace(record, key=identifier.key, source=identifier.source, ident=identifier.value, doi=doi)]


_FETCHERS: Mapping[str, Callable[[Identifier, PoliteClient], list[Item]]] = {
    "arxiv": _from_arxiv,
    "doi": _from_doi,
    "acl": _from_acl,
    "openreview": _from_openreview,
}
