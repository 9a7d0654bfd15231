"""JSON-LD of a paper page: a schema.org ScholarlyArticle, or what else the work is."""

from __future__ import annotations

import json
from typing import Any

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind
from coolpapers.papers.names.people import PersonName

_TYPE = {
    Kind.CHAPTER: "Chapter",
    Kind.BOOK: "Book",
    Kind.PROCEEDINGS: "Book",
    Kind.THESIS: "Thesis",
    Kind.REPORT: "Report",
    Kind.SOFTWARE: "SoftwareSourceCode",
    Kind.DATASET: "Dataset",
    Kind.WEBPAGE: "WebPage",
}
_SCRIPT_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class ScriptJson(str):
    """JSON that may stand inside a ``<script>`` element as it is: no ``<``, ``>`` or ``&`` is left in it."""

    __slots__ = ()

    def __html__(self) -> str:
        """Django's and MarkupSafe's protocol: what a template writes for this value."""
        return str(self).translate(_SCRIPT_ESCAPES)


def scholarly_article(work: CitedWork, *, page_url: str = "") -> dict[str, Any]:
    """The article as a JSON-LD object, empty properties left out."""
    title = plain_text(work.title)
    article: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPE.get(work.kind, "ScholarlyArticle"),
        "@id": page_url or work.url,
        "name": title,
        "headline": title[:110],  # Google's limit for headlines
        "author": [_agent(name) for name in work.authors],
        "editor": [_agent(name) for name in work.editors],
        "publisher": {"@type": "Organization", "name": work.publisher} if work.publisher else None,
        "reportNumber": work.report_number if work.kind is Kind.REPORT else "",
        "datePublished": work.date.isoformat() if work.date else str(work.year or ""),
        "abstract": plain_text(work.abstract),
        "keywords": list(work.keywords),
        "isPartOf": _container(work),
        "volumeNumber": work.volume if work.kind is not Kind.JOURNAL else "",
        "pageStart": work.first_page,
        "pageEnd": work.last_page,
        "identifier": _identifiers(work),
        "sameAs": [url for url in (work.url, f"https://doi.org/{work.doi}" if work.doi else "") if url],
        "url": page_url or work.url,
    }
    return {name: value for name, value in article.items() if value}


def script_json(value: object) -> ScriptJson:
    """Serialise for a ``<script type="application/ld+json">`` in a template."""
    return ScriptJson(json.dumps(value, ensure_ascii=False))


def _agent(name: PersonName) -> dict[str, str]:
    if name.is_organisation:
        return {"@type": "Organization", "name": name.natural}
    agent = {"@type": "Person", "name": name.natural, "familyName": name.family, "givenName": name.given}
    return {key: value for key, value in agent.items() if value}


def _container(work: CitedWork) -> dict[str, Any] | None:
    if not work.container:
        return None
    if work.kind is not Kind.JOURNAL:
        return {
            "@type": "Book" if work.kind is Kind.CHAPTER else "PublicationVolume",
            "name": plain_text(work.container),
        }
    journal: dict[str, Any] = {"@type": "Periodical", "name": plain_text(work.container)}
    if not work.volume:
        return journal
    volume: dict[str, Any] = {"@type": "PublicationVolume", "volumeNumber": work.volume, "isPartOf": journal}
    if not work.issue:
        return volume
    return {"@type": "PublicationIssue", "issueNumber": work.issue, "isPartOf": volume}


def _identifiers(work: CitedWork) -> list[dict[str, str]]:
    pairs = (("doi", work.doi), ("arXiv", work.arxiv_id))
    return [{"@type": "PropertyValue", "propertyID": name, "value": value} for name, value in pairs if value]
