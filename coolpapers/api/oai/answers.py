"""The XML of answers: what each verb's element holds. Start at :func:`answer`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db.models import prefetch_related_objects
from lxml import etree

from coolpapers.api.oai.arguments import Continuation, read_list_request, read_token, write_token
from coolpapers.api.oai.errors import OaiError
from coolpapers.api.oai.formats.elements import add, plain, root, xml_text
from coolpapers.api.oai.formats.registry import (
    FORMATS,
    MetadataFormat,
    check_format,
    formats_of,
    load_origins,
    write_metadata,
)
from coolpapers.api.oai.formats.work import oai_date
from coolpapers.api.oai.selection import ItemPage, OaiItem, find_item, select_page
from coolpapers.api.oai.sets import list_sets, sets_of
from coolpapers.papers.lookup.publication import first_published
from coolpapers.papers.models import MirroredRecord, latest_revision
from coolpapers.papers.names.repository import ARXIV, oai_identifier, parse_oai_identifier, repository_id

OAI = "http://www.openarchives.org/OAI/2.0/"
_SCHEMA = f"{OAI}OAI-PMH.xsd"
_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
SETS_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """``url`` is the site's address without a final slash, ``oai_url`` that of its repository."""

    url: str
    oai_url: str


def answer(arguments: Mapping[str, str], *, site: Site, now: datetime) -> etree._Element:
    """The element of the verb. Raises OaiError."""
    verb = arguments["verb"]
    element = plain(OAI, verb)
    if verb == "Identify":
        _identify(element, site, now)
    elif verb == "ListMetadataFormats":
        _list_formats(element, arguments.get("identifier"), site, now)
    elif verb == "ListSets":
        _list_sets(element, arguments.get("resumptionToken"))
    elif verb == "GetRecord":
        _get_record(element, arguments, site, now)
    else:
        _list_items(element, arguments, site, now)
    return element


def document(content: Iterable[etree._Element], *, request: etree._Element, now: datetime) -> bytes:
    """A whole answer."""
    element = root(OAI, "OAI-PMH", schema=_SCHEMA)
    add(element, "responseDate", oai_date(now))
    element.append(request)
    element.extend(content)
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def request_element(site: Site, arguments: Mapping[str, str]) -> etree._Element:
    element = plain(OAI, "request")
    element.text = site.oai_url
    for name, value in arguments.items():
        element.set(name, xml_text(value))
    return element


def error_element(error: OaiError) -> etree._Element:
    element = plain(OAI, "error")
    element.set("code", error.code)
    element.text = xml_text(str(error))
    return element


def _identify(element: etree._Element, site: Site, now: datetime) -> None:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    has_domain = "." in address.rpartition("@")[2]
    add(element, "repositoryName", settings.SITE_NAME)
    add(element, "baseURL", site.oai_url)
    add(element, "protocolVersion", "2.0")
    add(element, "adminEmail", address if has_domain else f"admin@{repository_id()}")
    add(element, "earliestDatestamp", oai_date(first_published() or now))
    add(element, "deletedRecord", "persistent")
    add(element, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    description = root(_IDENTIFIER, "oai-identifier", schema=f"{_IDENTIFIER}.xsd")
    add(description, "scheme", "oai")
    add(description, "repositoryIdentifier", repository_id())
    add(description, "delimiter", ":")
    add(description, "sampleIdentifier", oai_identifier("arxiv:2406.01234"))
    add(element, "description").append(description)


def _list_formats(element: etree._Element, identifier: str | None, site: Site, now: datetime) -> None:
    forms: Iterable[MetadataFormat] = FORMATS.values()
    if identifier is not None:
        item = _find(identifier, now)
        forms = formats_of(item.key, item.paper)
    for form in forms:
        described = add(element, "metadataFormat")
        add(described, "metadataPrefix", form.prefix)
        add(described, "schema", site.url + form.schema if form.schema.startswith("/") else form.schema)
        add(described, "metadataNamespace", form.namespace)


def _list_sets(element: etree._Element, token: str | None) -> None:
    start = read_token("ListSets", token).n_before if token else 0
    sets = list_sets(revision=latest_revision())
    if not sets:
        raise OaiError("noSetHierarchy", "the library has no categories or venues")
    for described in sets[start : start + SETS_A_PAGE]:
        entry = add(element, "set")
        add(entry, "setSpec", described.spec)
        add(entry, "setName", described.name)
    end = start + SETS_A_PAGE
    following = Continuation(request=read_list_request({"metadataPrefix": ""}), n_before=end)
    _add_token(element, "ListSets", following if end < len(sets) else None, n_before=start, n_total=len(sets))


def _get_record(element: etree._Element, arguments: Mapping[str, str], site: Site, now: datetime) -> None:
    check_format(arguments["metadataPrefix"])
    item = _find(arguments["identifier"], now)
    if arguments["metadataPrefix"] not in {form.prefix for form in formats_of(item.key, item.paper)}:
        raise OaiError("cannotDisseminateFormat", f"{arguments['identifier']} is not at arXiv")
    _add_records(element, [item], arguments["metadataPrefix"], site, now)


def _find(identifier: str, now: datetime) -> OaiItem:
    """The item of an identifier of this repository, or of arXiv's for a paper that is at arXiv."""
    name = parse_oai_identifier(identifier)
    item = find_item(name.key, now=now) if name.repository in {repository_id(), ARXIV} else None
    if item is None:
        raise OaiError("idDoesNotExist", f"the library has no {identifier[:300]!r}")
    return item


def _list_items(element: etree._Element, arguments: Mapping[str, str], site: Site, now: datetime) -> None:
    verb = arguments["verb"]
    token = arguments.get("resumptionToken")
    continuation = read_token(verb, token) if token else Continuation(request=read_list_request(arguments))
    prefix = continuation.request.prefix
    check_format(prefix)
    page = select_page(continuation, now=now)
    if verb == "ListIdentifiers":
        for item in page.items:
            _add_header(element, item)
    else:
        _add_records(element, page.items, prefix, site, now)
    _add_page_token(element, verb, page, is_continued=token is not None)


def _add_records(element: etree._Element, items: Sequence[OaiItem], prefix: str, site: Site, now: datetime) -> None:
    papers = [item.paper for item in items if item.paper is not None]
    prefetch_related_objects(papers, "sources")
    origins = load_origins(papers)
    metadata = write_metadata(papers, prefix, origins=origins, site=site.url)
    for item in items:
        record = add(element, "record")
        _add_header(record, item)
        if item.paper is None:
            continue
        add(record, "metadata").append(metadata[item.paper.pk])
        if item.key in origins:
            add(record, "about").append(_provenance(origins[item.key], FORMATS[prefix].namespace, now))


def _add_header(element: etree._Element, item: OaiItem) -> None:
    header = add(element, "header", **({"status": "deleted"} if item.paper is None else {}))
    add(header, "identifier", oai_identifier(item.key))
    add(header, "datestamp", oai_date(item.datestamp))
    for spec in sets_of(item.paper) if item.paper else ():
        add(header, "setSpec", spec)


def _provenance(origin: MirroredRecord, namespace: str, now: datetime) -> etree._Element:
    """Which library had the record first (guidelines on provenance)."""
    element = root(_PROVENANCE, "provenance", schema=f"{_PROVENANCE}.xsd")
    described = add(element, "originDescription", harvestDate=oai_date(now), altered="true")
    add(described, "baseURL", origin.origin_url)
    add(described, "identifier", f"oai:{origin.origin}:{oai_identifier(origin.key).split(':', 2)[2]}")
    add(described, "datestamp", oai_date(origin.stamp))
    add(described, "metadataNamespace", namespace)
    return element


def _add_page_token(element: etree._Element, verb: str, page: ItemPage, *, is_continued: bool) -> None:
    if page.following is None and not is_continued:
        return  # a list of one page has no token
    _add_token(element, verb, page.following, n_before=page.n_before, n_total=page.n_total)


def _add_token(
    element: etree._Element, verb: str, following: Continuation | None, *, n_before: int, n_total: int | None
) -> None:
    """Where the list goes on; an empty token ends it."""
    if following is None and not n_before:
        return
    token = add(element, "resumptionToken", write_token(verb, following) if following else None)
    if n_total is not None and n_before < n_total:
        token.set("completeListSize", str(n_total))
    token.set("cursor", str(n_before))
