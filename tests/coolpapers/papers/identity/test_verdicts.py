"""The table of evidence, row by row: docs/reference/sources.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from coolpapers.papers.identity.evidence import Evidence
from coolpapers.papers.identity.verdicts import Rank, Relation, compare
from tests.coolpapers.papers.identity.make import PEOPLE, TITLE, evidence, preprint

ROOT = Path(__file__).resolve().parents[4]
SAME, DOUBTFUL, DIFFERENT, UNRELATED = Relation.SAME, Relation.DOUBTFUL, Relation.DIFFERENT, Relation.UNRELATED
ABSTRACT = " ".join(f"word{n} of the abstract" for n in range(20))
OTHER_ABSTRACT = " ".join(f"another{n} sentence of this kind" for n in range(20))
STRANGERS = ["Xi Other", "Yu Another"]
FEW_TREES = "Learning to parse sentences from quite few trees"
OTHER_WORDS = "Learning to parse by reading trees"
PLURALS = "Learning to parse a sentence from the very few trees"
VOLUME = "10.1007/978-3-319-10590-1"
WALLS = "A chapter on walls"
SHORT = "Attention is all you need"


def check(one: Evidence, other: Evidence, relation: Relation, reason: str = "") -> None:
    verdict = compare(one, other)
    assert verdict == compare(other, one)
    assert (verdict.relation, verdict.reason if reason else "") == (relation, reason)


ACL = {"key": "acl:2020.acl-main.1", "venue": "ACL 2020"}
MICRO = {"title": "Editorial", "venue": "IEEE Micro"}
REPORT = {"title": "Annual report of the library"}
BOOK = {"kind": "book", "venue": "Parsing Press"}
ICLR = {"venue": "ICLR 2020", "key": "openreview:Aa1Bb2Cc3"}


@pytest.mark.parametrize(
    ("relation", "one", "other"),
    [
        # A registry's entry.
        (SAME, evidence(**ACL), evidence(key="acl2020:1", source="acl", ident="2020.acl-main.1", title="Renamed")),
        (DOUBTFUL, evidence(**ACL),
         evidence(key="x:1", source="acl", ident="2020.acl-main.1", title="Other", authors=STRANGERS)),
        (DIFFERENT, evidence(**ACL), evidence(key="acl:2020.acl-main.2", venue="ACL 2020")),
        (DIFFERENT, evidence(**ICLR), evidence(key="openreview:Dd4Ee5Ff6", venue="ICLR 2021")),
        # An arXiv id.
        (SAME, preprint(), evidence(arxiv_id="2005.00001", title="A wholly new name", venue="ICLR 2022", year=2022)),
        (SAME, preprint(), evidence(arxiv_id="2005.00001", authors=[])),
        (SAME, preprint(title="Decay of the W+ boson"), evidence(title="Decay of the W boson", arxiv_id="2005.00001")),
        (DOUBTFUL, preprint(), evidence(arxiv_id="2005.00001", title="Something else entirely", authors=STRANGERS)),
        (DOUBTFUL, preprint(), evidence(arxiv_id="2005.00001", title="Something else entirely", authors=[])),
        (DOUBTFUL, preprint(), evidence(arxiv_id="2005.00001", authors=STRANGERS)),
        (DIFFERENT, preprint(1), preprint(2)),
        (DIFFERENT, preprint(1), evidence(arxiv_id="2005.00002")),
        (DIFFERENT, preprint(1), evidence(arxiv_id="2005.00001", title=f"Erratum: {TITLE}")),
        # Kinds and signs.
        (DIFFERENT, evidence(), evidence(title=f"Erratum: {TITLE}")),
        (DIFFERENT, evidence(), evidence(title=f"Reply to: {TITLE}")),
        (DIFFERENT, evidence(), evidence(title=f"Comment on {TITLE}")),
        (DIFFERENT, evidence(), evidence(title=f"{TITLE} (Extended Abstract)")),
        (DIFFERENT, evidence(), evidence(title=f"{TITLE}, Part II")),
        (DIFFERENT, evidence(kind="journal"), evidence(kind="book")),
        (DIFFERENT, evidence(kind="thesis"), evidence(kind="conference", venue="ICLR 2020")),
        (SAME, evidence(), evidence(title=f"[RETRACTED] {TITLE}")),
        # A DOI.
        (SAME, evidence(doi="10.1000/1"), evidence(doi="10.1000/1", year=2015)),
        (SAME, evidence(doi="10.1000/1"), evidence(doi="10.1000/1", authors=[])),
        (SAME, preprint(doi="10.1000/1"), evidence(doi="10.1000/1", title="Parsing sentences from very few trees")),
        (DIFFERENT, evidence(doi="10.1000/1"), evidence(doi="10.1000/1", authors=STRANGERS)),
        (UNRELATED, evidence(doi="10.1000/1"), evidence(doi="10.1000/1", title=WALLS, authors=STRANGERS)),
        (DOUBTFUL, evidence(doi="10.1000/1"), evidence(doi="10.1000/1", title=WALLS)),
        (UNRELATED, preprint(doi=VOLUME), evidence(doi=VOLUME, title=WALLS)),
        (DIFFERENT, evidence(doi="10.1000/1"), evidence(doi="10.1000/2")),
        (SAME, evidence(doi="10.1000/1", venue="Nature"), evidence(doi="10.1101/2020.01.01.123456")),
        # Authors.
        (SAME, evidence(), evidence(authors=["A. Example", "Mueller, B.", "Wei, Chen"])),
        (SAME, evidence(), evidence(authors=["Ada Example", "et al."])),
        (DIFFERENT, evidence(), evidence(authors=STRANGERS)),
        (DOUBTFUL, evidence(), evidence(authors=["Xi Other", "Ada Example"])),
        (DIFFERENT, evidence(authors=["John Smith"]), evidence(authors=["Jane Smith"])),
        (SAME, evidence(), evidence(authors=[])),
        (DOUBTFUL, evidence(title=SHORT), evidence(title=SHORT, authors=[])),
        (DOUBTFUL, evidence(), evidence(authors=[], year=None)),
        (DOUBTFUL, evidence(), evidence(authors=[], year=2018)),
        (UNRELATED, evidence(title="Introduction"), evidence(title="Introduction", authors=[])),
        # Titles that come again.
        (UNRELATED, evidence(title="Vision", authors=["Mary Moe"], venue="Journal of Baz", year=2012),
         evidence(title="Vision", authors=[], venue="Journal of Baz", year=2012)),
        (DIFFERENT, evidence(title="Vision", venue="Journal of Baz"), evidence(title="Vision", venue="Journal of Qux")),
        (SAME, evidence(**MICRO), evidence(**MICRO)),
        (DIFFERENT, evidence(**MICRO, year=2019), evidence(**MICRO)),
        (DIFFERENT, evidence(**MICRO, pages="1-2"), evidence(**MICRO, pages="80")),
        (DOUBTFUL, evidence(**MICRO), evidence(title="Editorial")),
        (DIFFERENT, evidence(**REPORT), evidence(**REPORT, year=2021)),
        # Venues.
        (SAME, preprint(), evidence(**ACL)),
        (DIFFERENT, evidence(**ACL), evidence(**ICLR)),
        (DIFFERENT, evidence(venue="ICLR 2020"), evidence(venue="ICML 2020")),
        (DIFFERENT, evidence(venue="ICLR 2020"), evidence(venue="ICLR 2020 Workshop")),
        (DIFFERENT, evidence(venue="NeurIPS 2020"), evidence(venue="Journal of Machine Learning Research", year=2021)),
        (DOUBTFUL, evidence(venue="Journal of Baz"), evidence(venue="Journal of Qux")),
        (DOUBTFUL, evidence(venue="Nature", pages="12-20"), evidence(venue="Nature", pages="345-356")),
        (DOUBTFUL, evidence(venue="Nature", issue="1"), evidence(venue="Nature", issue="2")),
        (SAME, evidence(venue="Nature", pages="1-9"), evidence(venue="Nature", pages="345-356")),
        (DOUBTFUL, evidence(title="Deep learning", venue="Nature", volume="5"),
         evidence(title="Deep learning", venue="Nature", volume="6")),
        # Years.
        (SAME, preprint(), evidence(venue="ICLR 2022", year=2022)),
        (DOUBTFUL, preprint(), evidence(venue="ICLR 2023", year=2023)),
        (SAME, preprint(updated="2021-01-01"), evidence(venue="ICLR 2023", year=2023)),
        (SAME, evidence(venue="Nature", year=2019), evidence(venue="Nature", year=2020)),
        (DOUBTFUL, evidence(venue="Nature", year=2019, volume="5"), evidence(venue="Nature", year=2020, volume="6")),
        (DOUBTFUL, evidence(venue="Nature", year=2018), evidence(venue="Nature", year=2020)),
        (DOUBTFUL, evidence(year=2019), evidence(year=2020)),
        (DOUBTFUL, evidence(**BOOK, year=2019), evidence(**BOOK)),
        (SAME, evidence(year=None), evidence()),
        (DOUBTFUL, evidence(title="Deep learning", year=None), evidence(title="Deep learning")),
        # Other titles.
        (SAME, preprint(), evidence(title=PLURALS, venue="ICLR 2021")),
        (DOUBTFUL, preprint(), evidence(title=PLURALS, venue="ICLR 2022", year=2022)),
        (SAME, preprint(title=f"LePa: {TITLE}"), evidence(venue="ICLR 2021")),
        (DOUBTFUL, evidence(title=f"LePa: {TITLE}", venue="ICLR 2020"), evidence(venue="ICLR 2020")),
        (DOUBTFUL, evidence(title=PLURALS, abstract=ABSTRACT), evidence(abstract=OTHER_ABSTRACT)),
        (SAME, preprint(abstract=OTHER_ABSTRACT), evidence(title=PLURALS, abstract=ABSTRACT, venue="ICLR 2021")),
        (DOUBTFUL, preprint(), evidence(title=FEW_TREES, venue="ICLR 2021")),
        (SAME, preprint(abstract=ABSTRACT),
         evidence(title=FEW_TREES, abstract=ABSTRACT, venue="ICLR 2021")),
        (SAME, preprint(abstract=ABSTRACT),
         evidence(title=OTHER_WORDS, abstract=ABSTRACT, venue="ICLR 2021")),
        (SAME, preprint(abstract=ABSTRACT), evidence(title=WALLS, abstract=ABSTRACT, venue="ICLR 2021")),
        (UNRELATED, preprint(abstract=ABSTRACT),
         evidence(title=WALLS, abstract=ABSTRACT, venue="ICLR 2021", authors=PEOPLE[:1])),
        (UNRELATED, preprint(), evidence(title=OTHER_WORDS, venue="ICLR 2021")),
        (DOUBTFUL, evidence(abstract=ABSTRACT), evidence(title=FEW_TREES, abstract=ABSTRACT)),
        (UNRELATED, evidence(), evidence(title=WALLS)),
    ],
)  # fmt: skip
def test_the_rows_of_the_table(relation: Relation, one: Evidence, other: Evidence) -> None:
    check(one, other, relation)


def test_a_pdf_without_readable_authors_belongs_to_the_paper_whose_title_it_prints() -> None:
    pdf: dict[str, Any] = {"key": "file:pdf-1", "source": "file", "ident": "pdf-1", "authors": [], "year": None}
    check(evidence(**pdf), preprint(), SAME, "printed title")
    check(evidence(**{**pdf, "title": SHORT}), preprint(title=SHORT), DOUBTFUL)


def test_ranks_follow_the_evidence() -> None:
    published = evidence(venue="ICLR 2020")
    ranks = [
        compare(preprint(), evidence(venue="ICLR 2020", status="Reject")).rank,
        compare(preprint(), evidence(year=None, authors=[PEOPLE[0]])).rank,
        compare(preprint(), evidence(venue="ICLR 2022", year=2022)).rank,
        compare(preprint(), evidence(venue="ICLR 2021", year=2021)).rank,
        compare(preprint(), published).rank,
        compare(evidence(venue="ICLR 2020"), published).rank,
        compare(preprint(), evidence(arxiv_id="2005.00001")).rank,
        compare(evidence(**ACL), evidence(key="x", source="acl", ident="2020.acl-main.1")).rank,
    ]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert Rank.NONE < ranks[0] < ranks[-1] < Rank.ADMINISTRATOR


def test_the_page_of_sources_names_every_row() -> None:
    code = (ROOT / "coolpapers" / "papers" / "identity" / "verdicts.py").read_text(encoding="utf-8")
    table = (ROOT / "docs" / "reference" / "sources.md").read_text(encoding="utf-8")
    reasons = set(re.findall(r'_(?:same\([\w.()]+(?:, Rank\.\w+\))?, |doubtful\(|different\()"([^"]+)"', code))
    assert len(reasons) >= 14
    assert reasons == set(re.findall(r"^\| `([^`]+)` \|", table.split("| row |")[1].split("\n\n")[0], re.M))
