"""Journals, conferences and preprints of the starter library are what they are in every format."""

from __future__ import annotations

import json
import re
from functools import cache
from urllib.parse import unquote

import bibtexparser
import pytest

from bench.importing.round_trip import paper_of
from coolpapers.papers.citations import cite, describe_work
from coolpapers.papers.citations.embedded.coins import context_object
from coolpapers.papers.citations.embedded.highwire import highwire_tags
from coolpapers.papers.citations.embedded.schema_org import scholarly_article
from coolpapers.papers.citations.work import Kind
from coolpapers.papers.management.commands.load_starter import STARTER
from coolpapers.papers.models import Paper
from coolpapers.papers.names.venues import is_journal, series_name
from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.jsonl import JsonLinesSource

JOURNALS_OF_ONE_WORD = {"Nature", "Science", "Biometrika", "Psychometrika", "Computer", "Program"}
JOURNAL = {"volume": "12", "issue": "3", "pages": "101-120"}


@cache
def starter() -> tuple[Paper, ...]:
    with (STARTER / "papers.jsonl").open("rb") as stream:
        items = JsonLinesSource().read(stream, name="papers.jsonl")
        return tuple(paper_of(item) for item in items if isinstance(item, Record))


def of_kind(kind: Kind) -> list[Paper]:
    return [paper for paper in starter() if describe_work(paper).kind is kind]


def with_place(paper: Paper) -> Paper:
    """The paper with volume, issue and pages, which the starter library does not tell."""
    values = {field.attname: getattr(paper, field.attname) for field in Paper._meta.concrete_fields}
    placed = Paper(**{**values, **JOURNAL})
    placed.venue = paper.venue
    return placed


def test_each_paper_of_a_journal_is_an_article_and_no_other() -> None:
    for paper in starter():
        if paper.venue is not None:
            journal = is_journal(paper.venue.slug)
            assert (describe_work(paper).kind is Kind.JOURNAL) == journal, paper.venue_text
    assert len(of_kind(Kind.JOURNAL)) > 60
    assert len(of_kind(Kind.CONFERENCE)) > 60
    assert {paper.arxiv_id != "" for paper in of_kind(Kind.PREPRINT)} == {True}


@pytest.mark.parametrize("paper", of_kind(Kind.JOURNAL), ids=lambda paper: paper.key)
def test_an_article_has_its_journal_in_full_and_its_place_in_every_format(paper: Paper) -> None:
    assert paper.venue is not None
    name = series_name(paper.venue.slug)
    assert len(name.split()) > 1 or name in JOURNALS_OF_ONE_WORD, name
    placed = with_place(paper)
    work = describe_work(placed)
    (entry,) = bibtexparser.parse_string(cite([placed], "bibtex")).entries
    assert entry.entry_type == "article"
    assert [entry[field] for field in ("journal", "volume", "number", "pages")] == [
        name.replace("&", r"\&"), "12", "3", "101--120"
    ]  # fmt: skip
    ris = cite([placed], "ris").split("\r\n")
    assert {"TY  - JOUR", f"T2  - {name}", "VL  - 12", "IS  - 3", "SP  - 101", "EP  - 120"} <= set(ris)
    (item,) = json.loads(cite([placed], "csl"))
    assert [item[field] for field in ("type", "container-title", "volume", "issue", "page")] == [
        "article-journal", name, "12", "3", "101-120"
    ]  # fmt: skip
    endnote = cite([placed], "endnote").split("\n")
    assert {"%0 Journal Article", f"%J {name}", "%V 12", "%N 3", "%P 101-120"} <= set(endnote)
    zotero = cite([placed], "zotero")
    assert "<z:itemType>journalArticle</z:itemType>" in zotero
    assert "<prism:volume>12</prism:volume><prism:number>3</prism:number>" in zotero
    tags = dict(highwire_tags(work))
    assert [tags[f"citation_{field}"] for field in ("journal_title", "volume", "issue", "firstpage", "lastpage")] == [
        name,
        "12",
        "3",
        "101",
        "120",
    ]
    assert "citation_conference_title" not in tags
    coins = [unquote(pair) for pair in context_object(work).split("&")]
    assert {"rft.genre=article", f"rft.jtitle={name}", "rft.volume=12", "rft.issue=3", "rft.pages=101-120"} <= set(
        coins
    )
    linked = scholarly_article(work)["isPartOf"]
    assert (linked["issueNumber"], linked["isPartOf"]["volumeNumber"]) == ("3", "12")
    assert linked["isPartOf"]["isPartOf"] == {"@type": "Periodical", "name": name}


@pytest.mark.parametrize("paper", of_kind(Kind.CONFERENCE), ids=lambda paper: paper.key)
def test_a_conference_paper_names_its_conference_in_full(paper: Paper) -> None:
    assert paper.venue is not None
    text = cite([paper], "bibtex")
    assert text.startswith("@inproceedings{")
    assert series_name(paper.venue.slug) in text.replace("\\&", "&")


def test_no_format_calls_arxiv_a_journal() -> None:
    papers = of_kind(Kind.PREPRINT)
    assert papers
    assert not re.search(r"^\s*journal=", cite(papers, "bibtex"), re.MULTILINE)
    assert "container-title" not in cite(papers, "csl")
    assert not re.search(r"^T2  - ", cite(papers, "ris"), re.MULTILINE)
    assert not re.search(r"^%J ", cite(papers, "endnote"), re.MULTILINE)


def test_a_preprint_is_zoteros_preprint_says_arxiv_once_and_has_its_pdf() -> None:
    for paper in of_kind(Kind.PREPRINT):
        work = describe_work(paper)
        assert "<z:itemType>preprint</z:itemType>" in cite([paper], "zotero")
        assert "rft.type=preprint" in context_object(work)
        (item,) = json.loads(cite([paper], "csl"))
        assert item["type"] == "article"
        said = [value for name, value in item.items() if name not in ("URL", "abstract", "title", "keyword", "note")]
        assert json.dumps(said).lower().count("arxiv") == 1
        assert dict(highwire_tags(work))["citation_pdf_url"].endswith(paper.arxiv_id)
