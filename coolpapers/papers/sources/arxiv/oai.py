"""OAI-PMH 2.0 answers with the metadata that arXiv serves (``arXiv``, ``arXivRaw``) or any repository does
(``oai_dc``).

One class reads saved answers and, through :mod:`coolpapers.papers.harvesting.harvest`, live ones; another library of
this software is read in the same way. Protocol: http://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from coolpapers.papers.errors import BadField, HarvestError
from coolpapers.papers.names.people import join_parts
from coolpapers.papers.names.repository import parse_oai_identifier
from coolpapers.papers.records.record import Deletion, Dropped, Item, Record, Refusal, make_record
from coolpapers.papers.sources.arxiv import fields as arxiv
from coolpapers.papers.sources.arxiv.authors import is_name, read_author_line
from coolpapers.papers.sources.base import PaperSource, refuse
from coolpapers.papers.sources.site_records import NAMESPACE, read_work
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of, whole_text
from search.vocabulary.identifiers import parse_identifier

_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]{2}|\.[a-z-]+)?")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")


class ArxivOaiSource(PaperSource):
    """ListRecords or GetRecord answers; of several pages in one file each record is read."""

    repeats_replace = True

    def recognises(self, head: bytes, *, path: Path) -> bool:  # noqa: ARG002
        return b"<OAI-PMH" in head

    def read(self, stream: BinaryIO, *, name: str) -> Iterator[Item]:
        """Raises HarvestError where the answer is an error of the protocol other than an empty result."""
        for element in iter_elements(stream, end={"record", "error"}):
            if children(element, "header"):
                yield from read_records(element, name=name)
            elif element.get("code"):
                raise_error(element)


def raise_error(element: etree._Element) -> None:
    """Raise HarvestError for an ``<error>``; ``noRecordsMatch`` is an empty answer, not an error."""
    code = str(element.get("code") or "unknown")
    if code != "noRecordsMatch":
        raise HarvestError(code, " ".join("".join(map(str, element.itertext())).split()) or "no reason given")


def read_record(element: etree._Element, *, name: str) -> Item:
    """One ``<record>`` in whichever metadata format it carries."""
    header = child(element, "header")
    line = line_of(element)
    if header is None:
        return Refusal(name, line, "header", "missing; each OAI record has one")
    if header.get("status") == "deleted":
        return Deletion(key_of(text_of(header, "identifier")), line)
    metadata = child(element, "metadata")
    content = next(iter(metadata), None) if metadata is not None else None
    if content is None:
        return Refusal(name, line, "metadata", f"missing in {text_of(header, 'identifier')}")
    try:
        return _read_content(content, header, line)
    except BadField as exc:
        return refuse(exc, name=name, line=line)


def read_records(element: etree._Element, *, name: str) -> list[Item]:
    """The items of one ``<record>``: several where another library of this software gives a work with its records."""
    work = find_work(element)
    return [read_record(element, name=name)] if work is None else [found.item for found in read_work(work, name=name)]


def find_work(element: etree._Element) -> etree._Element | None:
    """The ``<work>`` of a ``<record>`` in the format ``coolpapers``; None in any other format."""
    metadata = child(element, "metadata")
    content = next(iter(metadata), None) if metadata is not None else None
    return content if content is not None and content.tag == f"{{{NAMESPACE}}}work" else None


def key_of(oai_identifier: str) -> str:
    """The key behind ``oai:<host>:<local id>``: ``oai:arXiv.org:0704.0001`` → ``arxiv:0704.0001``.

    Local ids with a colon, such as the keys of this software and ``ark:/13030/qt1``, are those of a system of names.
    Any other, such as ``article/12`` of every journal that uses OJS, is unique within its repository only, which stays
    in the key: ``oai:journal.example.org:article/12``.
    """
    name = parse_oai_identifier(oai_identifier)
    is_whole = not name.repository or ":" in name.key
    return name.key if is_whole else f"oai:{name.repository}:{name.key}"


def local_key(key: str) -> str:
    """The local id of a key that :func:`key_of` made of a whole identifier; other keys are themselves."""
    scheme, _, rest = key.partition(":")
    return rest.partition(":")[2] if scheme == "oai" else key


def _read_content(content: etree._Element, header: etree._Element, line: int) -> Record:
    tag = local_name(content)
    if tag == "arXiv":
        return _read_arxiv(content, line)
    if tag == "arXivRaw":
        return _read_arxiv_raw(content, line)
    if tag == "dc":
        return _read_dublin_core(content, header, line)
    raise BadField("metadata", f"{tag!r} is not a form that is read; harvest with oai_dc, arXiv or arXivRaw")


def _read_arxiv(content: etree._Element, line: int) -> Record:
    authors = child(content, "authors")
    people = children(authors, "author") if authors is not None else []
    names = (join_parts(*(text_of(person, part) for part in ("forenames", "keyname", "suffix"))) for person in people)
    created, updated = text_of(content, "created"), text_of(content, "updated")
    dropped: list[Dropped] = []
    day = arxiv.read_moment("created", created, dropped) if created else None
    return _arxiv_record(
        content,
        line,
        authors=[name for name in names if is_name(name)],
        affiliations=[
            text for person in people for place in children(person, "affiliation") if (text := whole_text(place))
        ],
        submitted=created if day else None,
        updated=updated or (created if day else None),
        # The time of day is not told; most submissions come before the deadline.
        announced=arxiv.announcement_day(day.replace(hour=12)) if day else None,
        dropped=dropped,
    )


def _read_arxiv_raw(content: etree._Element, line: int) -> Record:
    dropped: list[Dropped] = []
    versions = children(content, "version")
    dated = [
        (str(version.get("version") or ""), arxiv.read_moment("version", text_of(version, "date"), dropped))
        for version in versions
    ]
    moments = [moment for _, moment in dated if moment]
    people = read_author_line(text_of(content, "authors"))
    return _arxiv_record(
        content,
        line,
        authors=people.names,
        affiliations=people.affiliations,
        submitted=min(moments).date() if moments else None,
        updated=max(moments).date() if moments else None,
        announced=arxiv.announcement_day(min(moments)) if moments else None,
        versions=arxiv.versions_of(dated),
        # arXiv's mark of a version that holds nothing but the note of its withdrawal.
        is_empty=bool(versions) and text_of(versions[-1], "source_type") == "I",
        dropped=dropped,
    )


def _arxiv_record(content: etree._Element, line: int, *, is_empty: bool = False, **given: object) -> Record:
    """The fields that ``arXiv`` and ``arXivRaw`` share."""
    found = parse_identifier(f"arxiv:{text_of(content, 'id')}")
    if found is None:
        raise BadField("id", f"{text_of(content, 'id')!r} is not an arXiv id")
    comment, abstract = text_of(content, "comments"), text_of(content, "abstract")
    values: dict[str, object] = {
        "title": text_of(content, "title"),
        "abstract": arxiv.unwrap_abstract(abstract),
        "categories": text_of(content, "categories"),
        "comment": comment,
        "journal_ref": text_of(content, "journal-ref"),
        "doi": text_of(content, "doi").partition(" ")[0],
        "report_numbers": arxiv.report_numbers(text_of(content, "report-no")),
        **given,
    }
    return make_record(
        key=found.key,
        source="arxiv",
        ident=found.value,
        line=line,
        arxiv_id=found.value,
        page_url=arxiv.page_url(found.value),
        pdf_url=arxiv.pdf_url(found.value),
        withdrawn=is_empty or arxiv.is_withdrawn(comment, abstract),
        **values,  # type: ignore[arg-type]  # loose values are what make_record checks
    )


def _read_dublin_core(content: etree._Element, header: etree._Element, line: int) -> Record:
    """Fifteen loose elements: the first description is the abstract, ``Comment: …`` the comment, dates in order."""
    texts: dict[str, list[str]] = {}
    for element in content:
        texts.setdefault(local_name(element), []).append("".join(map(str, element.itertext())).strip())
    key = key_of(text_of(header, "identifier"))
    names = [found for text in texts.get("identifier", ()) if (found := parse_identifier(text.removeprefix("doi:")))]
    values = {found.source: found.value for found in reversed(names)}
    descriptions = texts.get("description", [])
    comments = [text.removeprefix("Comment:") for text in descriptions if text.startswith("Comment:")]
    abstracts = [text for text in descriptions if not text.startswith("Comment:")]
    dates = [text for text in texts.get("date", ()) if len(text) >= 10]
    years = [match.group() for text in texts.get("date", ()) if (match := _YEAR.match(text))]
    addresses = [text for text in texts.get("identifier", ()) if text.startswith(("http://", "https://"))]
    return make_record(
        key=key,
        line=line,
        title=next(iter(texts.get("title", ())), ""),
        abstract=arxiv.unwrap_abstract(abstracts[0]) if abstracts else "",
        authors=[_in_order(name) for name in texts.get("creator", ()) if is_name(name)],
        year=years[0] if years else None,
        submitted=min(dates, default=None),
        updated=max(dates, default=None),
        categories=_subjects(texts.get("subject", []), header),
        comment=comments[0] if comments else "",
        doi=values.get("doi", ""),
        arxiv_id=values.get("arxiv", ""),
        page_url=next(iter(addresses), ""),
        withdrawn=arxiv.is_withdrawn(comments[0] if comments else "", abstracts[0] if abstracts else ""),
    )


def _in_order(name: str) -> str:
    """Dublin Core writes ``Balázs, C.``"""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma else name


def _subjects(subjects: list[str], header: etree._Element) -> list[str]:
    """Category codes: subjects that are codes, else what the record's sets say (``cs:cs:CL``, ``physics:hep-th``)."""
    codes = [text for text in subjects if _CODE.fullmatch(text)]
    if codes:
        return codes
    specs = ("".join(map(str, spec.itertext())).strip() for spec in children(header, "setSpec"))
    return [code for code in map(category_of_set, specs) if code]


def category_of_set(spec: str) -> str:
    """The category behind one of arXiv's sets, empty for a whole archive.

    >>> category_of_set("cs:cs:CL"), category_of_set("physics:hep-th"), category_of_set("math")
    ('cs.CL', 'hep-th', '')
    """
    parts = spec.split(":")
    if parts[0] == "venue":  # a set of another library of this software
        return ""
    if len(parts) == 3:
        return f"{parts[1]}.{parts[2]}"
    return parts[1] if len(parts) == 2 and parts[0] != parts[1] else ""
