"""Answers of the repository, checked against the schemas of the protocol and of its formats."""

from __future__ import annotations

from functools import cache

from django.test import Client
from lxml import etree

from tests.own_library import ROOT

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
_SCHEMAS = ROOT / "tests" / "data" / "oai_schemas"
_FORMATS = {
    "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc": _SCHEMAS / "oai_dc.xsd",
    "{http://arxiv.org/OAI/arXiv/}arXiv": _SCHEMAS / "arXiv.xsd",
    "{urn:coolpapers:oai:1}work": ROOT / "coolpapers" / "api" / "oai" / "coolpapers.xsd",
}


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=name)


def checked(data: bytes) -> etree._Element:
    """The answer, if it and all metadata in it are valid."""
    root = etree.fromstring(data)
    _schema(str(_SCHEMAS / "OAI-PMH.xsd")).assertValid(root)
    for metadata in root.iter(f"{OAI}metadata"):
        _schema(str(_FORMATS[str(metadata[0].tag)])).assertValid(metadata[0])
    return root


def ask(client: Client, **arguments: str) -> etree._Element:
    """A valid answer of ``/oai``; ``from_`` is the argument ``from``."""
    response = client.get("/oai", {name.rstrip("_"): value for name, value in arguments.items()})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    return checked(response.content)


def texts(root: etree._Element, name: str) -> list[str]:
    return [str(element.text or "") for element in root.iter(f"{OAI}{name}")]


def error_code(root: etree._Element) -> str:
    return str(next(root.iter(f"{OAI}error")).get("code"))
