"""Zotero's own RDF, the one format in which a preprint arrives there as a preprint.

The vocabulary is that of Zotero's export ("Zotero RDF"): ``z:itemType`` names the item type, every other ``z:``
property is taken as the field of that name, and the rest is Dublin Core, PRISM and FOAF.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork, Kind
from coolpapers.papers.names.people import PersonName

_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
    "link": "http://purl.org/rss/1.0/modules/link/",
}
_ITEM = {
    Kind.PREPRINT: ("rdf:Description", "preprint"),
    Kind.CONFERENCE: ("rdf:Description", "conferencePaper"),
    Kind.JOURNAL: ("bib:Article", "journalArticle"),
    Kind.CHAPTER: ("bib:BookSection", "bookSection"),
    Kind.BOOK: ("bib:Book", "book"),
    Kind.PROCEEDINGS: ("bib:Book", "book"),
    Kind.THESIS: ("bib:Thesis", "thesis"),
    Kind.REPORT: ("bib:Report", "report"),
    Kind.SOFTWARE: ("bib:Data", "computerProgram"),
    Kind.DATASET: ("rdf:Description", "dataset"),
    Kind.WEBPAGE: ("bib:Document", "webpage"),
    Kind.OTHER: ("bib:Manuscript", "manuscript"),
}
# Zotero's other item types keep a DOI in the field "Extra"; an article's stands with its journal.
_WITH_DOI = frozenset({Kind.PREPRINT, Kind.CONFERENCE, Kind.DATASET})
# XML 1.0 has no control characters but these; a text of a source may hold any.
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def format_zotero_rdf(entries: list[tuple[str, CitedWork]]) -> str:
    """Write (key, work) pairs as one RDF/XML document in UTF-8."""
    namespaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    items = "".join(_item(number, key, work) for number, (key, work) in enumerate(entries, start=1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{namespaces}>\n{items}</rdf:RDF>\n'


def _item(number: int, key: str, work: CitedWork) -> str:
    element, item_type = _ITEM[work.kind]
    about = quoteattr((work.url or f"#{key or number}").translate(_FORBIDDEN))
    lines = [
        _text("z:itemType", item_type),
        *_container(work),
        *_people("bib:authors", work.authors),
        *_people("bib:editors", work.editors),
        *_fields(work),
        *(_text("dc:subject", word) for word in work.keywords),
        _attachment(work, number),
    ]
    body = "".join(f"    {line}\n" for line in lines if line)
    return f"  <{element} rdf:about={about}>\n{body}  </{element}>\n"


def _fields(work: CitedWork) -> Iterator[str]:
    is_preprint = work.kind is Kind.PREPRINT
    arxiv = f"arXiv:{work.arxiv_id}" if work.arxiv_id else ""
    doi = f"DOI: {work.doi}" if work.doi and work.kind not in (*_WITH_DOI, Kind.JOURNAL) else ""
    yield _text("dc:title", plain_text(work.title))
    yield _text("dcterms:abstract", plain_text(work.abstract))
    yield _text("dc:date", work.date.isoformat() if work.date else str(work.year or ""))
    yield _text("bib:pages", work.pages)
    if work.publisher:
        name = _text("foaf:name", work.publisher)
        yield f"<dc:publisher><foaf:Organization>{name}</foaf:Organization></dc:publisher>"
    yield _text("z:conferenceName", work.event if work.kind is Kind.CONFERENCE else "")
    yield _text("z:repository", "arXiv" if is_preprint and arxiv else "")
    yield _text("z:archiveID", arxiv if is_preprint else "")
    yield _text("z:extra", "\n".join(filter(None, (doi, "" if is_preprint else arxiv))))
    yield _text("z:DOI", work.doi if work.kind in _WITH_DOI else "")
    yield _text("z:reportNumber", work.report_number if work.kind is Kind.REPORT else "")
    if work.kind not in (Kind.JOURNAL, Kind.CONFERENCE, Kind.CHAPTER):
        yield _text("prism:volume", work.volume)
    yield _text("dc:description", work.note)
    if work.url:
        yield f"<dc:identifier><dcterms:URI>{_text('rdf:value', work.url)}</dcterms:URI></dc:identifier>"


def _container(work: CitedWork) -> Iterator[str]:
    if work.kind not in (Kind.JOURNAL, Kind.CONFERENCE, Kind.CHAPTER):
        return
    parts = [_text("dc:title", plain_text(work.container)), _text("prism:volume", work.volume)]
    if work.kind is Kind.JOURNAL:
        parts += [_text("prism:number", work.issue), _text("dc:identifier", f"DOI {work.doi}" if work.doi else "")]
    element = "bib:Book" if work.kind is Kind.CHAPTER else "bib:Journal"
    if any(parts):
        yield f"<dcterms:isPartOf><{element}>{''.join(parts)}</{element}></dcterms:isPartOf>"


def _people(element: str, names: tuple[PersonName, ...]) -> Iterator[str]:
    if not names:
        return
    people = "".join(f"<rdf:li><foaf:Person>{_person(name)}</foaf:Person></rdf:li>" for name in names)
    yield f"<{element}><rdf:Seq>{people}</rdf:Seq></{element}>"


def _person(name: PersonName) -> str:
    """A name in two fields as Zotero keeps it; the suffix belongs to the given name there."""
    if not name.given:
        return _text("foaf:surname", name.natural)
    given = f"{name.given}, {name.suffix}" if name.suffix else name.given
    return _text("foaf:surname", name.family) + _text("foaf:givenName", given)


def _attachment(work: CitedWork, number: int) -> str:
    """The PDF, which Zotero fetches along with the item."""
    if not work.pdf_url:
        return ""
    parts = [
        _text("z:itemType", "attachment"),
        f"<dc:identifier><dcterms:URI>{_text('rdf:value', work.pdf_url)}</dcterms:URI></dc:identifier>",
        _text("dc:title", "PDF"),
        _text("z:linkMode", "1"),
        _text("link:type", "application/pdf"),
    ]
    return f'<link:link><z:Attachment rdf:about="#attachment_{number}">{"".join(parts)}</z:Attachment></link:link>'


def _text(element: str, value: str) -> str:
    return f"<{element}>{escape(value.translate(_FORBIDDEN))}</{element}>" if value else ""
