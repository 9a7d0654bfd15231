"""Zotero RDF, read back as Zotero's import reads it: properties of the item, of its container, and its people."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations import describe_work
from coolpapers.papers.citations.work import CitedWork
from coolpapers.papers.citations.zotero_rdf import format_zotero_rdf
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper, make_work

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
Z = "{http://www.zotero.org/namespaces/export#}"
DC = "{http://purl.org/dc/elements/1.1/}"
FOAF = "{http://xmlns.com/foaf/0.1/}"
PRISM = "{http://prismstandard.org/namespaces/1.2/basic/}"
BIB = "{http://purl.org/net/biblio#}"
DCTERMS = "{http://purl.org/dc/terms/}"


def read(work: CitedWork) -> ElementTree.Element:
    (item,) = ElementTree.fromstring(format_zotero_rdf([("key", work)]))
    return item


def text(item: ElementTree.Element, path: str) -> str:
    return item.findtext(path) or ""


def test_a_preprint_stays_a_preprint() -> None:
    item = read(make_work())
    assert text(item, f"{Z}itemType") == "preprint"
    assert (text(item, f"{Z}repository"), text(item, f"{Z}archiveID")) == ("arXiv", "arXiv:2406.01234")
    assert text(item, f"{DC}date") == "2025-01-09"
    assert text(item, f".//{RDF}value") == "https://arxiv.org/abs/2406.01234"


def test_a_journal_article_has_its_journal_as_container() -> None:
    item = read(describe_work(make_journal_paper()))
    journal = item.find(f"{DCTERMS}isPartOf/{BIB}Journal")
    assert journal is not None
    assert text(item, f"{Z}itemType") == "journalArticle"
    assert (text(journal, f"{DC}title"), text(journal, f"{PRISM}volume")) == ("Phys.Rev.", "D54")
    assert text(journal, f"{DC}identifier") == "DOI 10.1103/physrevd.54.1234"
    assert text(item, f"{BIB}pages") == "1234-1240"
    assert text(item, f"{Z}extra") == "arXiv:2406.01234"


def test_a_conference_paper_has_proceedings_and_conference() -> None:
    item = read(describe_work(make_conference_paper()))
    assert text(item, f"{Z}itemType") == "conferencePaper"
    assert text(item, f"{Z}conferenceName") == "ACL 2020"
    assert text(item, f"{DCTERMS}isPartOf/{BIB}Journal/{DC}title").startswith("Proceedings of the 58th")
    assert [word.text for word in item.findall(f"{DC}subject")] == ["parsing", "treebanks"]


def test_people_have_two_names_and_groups_have_one() -> None:
    work = describe_work(make_paper(authors=["Ludwig van der Vaart", "Guy L. Steele Jr.", "QUaD Collaboration"]))
    people = read(work).findall(f".//{FOAF}Person")
    names = [(text(one, f"{FOAF}surname"), text(one, f"{FOAF}givenName")) for one in people]
    assert names == [("van der Vaart", "Ludwig"), ("Steele", "Guy L., Jr."), ("QUaD Collaboration", "")]


def test_the_pdf_comes_along() -> None:
    attachment = read(make_work()).find(f".//{Z}Attachment")
    assert attachment is not None
    assert text(attachment, f".//{RDF}value") == "https://arxiv.org/pdf/2406.01234"


def test_no_works_are_an_empty_document() -> None:
    assert list(ElementTree.fromstring(format_zotero_rdf([]))) == []


@pytest.mark.filterwarnings("error")
@given(title=st.text(min_size=1), author=st.text(), url=st.text(alphabet="ab\"'<>&\x01\n"))
def test_any_text_gives_a_document_that_parses(title: str, author: str, url: str) -> None:
    surrogates = dict.fromkeys(range(55296, 57344))
    work = make_work(title=title.translate(surrogates), authors=[author.translate(surrogates)], page_url=url)
    ElementTree.fromstring(format_zotero_rdf([("key", work)]))
