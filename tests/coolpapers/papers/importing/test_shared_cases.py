"""The small inputs of public bug reports, imported as a user would; their right values stand in the data's README."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.papers.citations import cite
from coolpapers.papers.citations.journal_refs import parse_journal_ref
from coolpapers.papers.models import Paper
from coolpapers.papers.names.people import split_name
from tests.shared_data import SHARED, needs_shared

pytestmark = [*needs_shared, pytest.mark.django_db]
CASES = SHARED / "cases" / "import"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"


def imported(*names: str) -> dict[str, Paper]:
    """Papers of the library by title after importing the files one after the other."""
    for name in names:
        call_command("import_papers", str(CASES / name), verbosity=0)
    return {paper.title: paper for paper in Paper.objects.select_related("venue").order_by("pk")}


def only(*names: str) -> Paper:
    (paper,) = imported(*names).values()
    return paper


def test_01_a_revised_paper_of_the_anthology() -> None:
    paper = only("01-acl-revision.xml")
    assert (paper.key, paper.volume) == ("acl:Q15-1022", "3")
    assert list(paper.versions.values_list("number", flat=True)) == [1, 2]


def test_02_decisions_of_openreview() -> None:
    papers = imported("02-openreview-decisions.json")
    assert {title: paper.track for title, paper in papers.items()} == {
        "Accepted as poster": "Poster",
        "Accepted as oral": "Oral",
        "Was rejected": "Rejected",
        "Was withdrawn": "Withdrawn",
        "Was desk rejected": "Rejected",
        "In a workshop": "Workshop",
        "In a rolling journal": "",
    }
    assert [title for title, paper in papers.items() if paper.withdrawn] == ["Was withdrawn"]
    journal = papers["In a rolling journal"]
    assert journal.venue is not None
    assert journal.venue.slug == "TMLR"
    rejected = cite([papers["Was rejected"]])
    assert rejected.startswith("@misc")
    assert "Submitted to ICLR 2024" in rejected


def test_03_a_short_title_is_not_overwritten() -> None:
    imported("03-short-title-a.bib", "03-short-title-b.bib")
    assert sorted(Paper.objects.values_list("authors", "year")) == [(["Mary Moe"], 2012), (["Pat Poe"], 1982)]


def test_04_a_doi_of_the_volume_joins_nothing() -> None:
    imported("04-container-doi.jsonl", "04-container-doi.bib")
    assert Paper.objects.count() == 2
    preprint = Paper.objects.get(key="arxiv:1503.00001")
    assert (preprint.year, preprint.venue, preprint.venue_text) == (2015, None, "")


def test_05_a_pdf_is_not_the_paper_that_it_cites() -> None:
    papers = imported("05-the-cited-paper.jsonl", "05-pdf-cites-another-paper.pdf")
    own = papers["A Study of Everything that Matters in Systems"]
    assert (own.arxiv_id, own.doi, own.authors) == ("", "", ["Jane Doe", "Richard Roe"])
    cited = papers["Attention Is All You Need"]
    assert (cited.arxiv_id, cited.doi, cited.authors) == ("1706.03762", "", ["Ashish Vaswani"])
    assert len(papers) == 2


@pytest.mark.parametrize("name", ["14-merge-signs.jsonl", "15-merge-venues.jsonl"])
def test_14_15_every_line_is_a_paper_of_its_own(name: str) -> None:
    imported(name)
    lines = (CASES / name).read_text("utf-8").splitlines()
    assert Paper.objects.count() == len(lines) == 4


@pytest.mark.parametrize(
    ("name", "authors"),
    [
        (
            "06-names-accent-after-and.bib",
            [
                ["Jane Doe", "Émile Borel", "Łukasz Kaiser"],
                ["Jane Doe", "Kim Østergaard", "Eduard Čech", "Filiz Özgür"],
            ],
        ),
        ("07-names-tilde.bib", [["José Nuñez", "Luis Muñoz"], ["João Silva", "Ana Magalhães"]]),
        (
            "10-authors-commas.bib",
            [
                ["Linda Zhang", "Jie Song", "Anna Gao", "Kai Ma"],
                ["Sam Gugger", "Lena Debut", "Tom Wolf", "Phil Schmid"],
                ["Jane Doe", "Richard Roe"],
                ["Jane Doe", "Richard Roe", "Max Moe"],
                ["Jane Doe"],
                ["I. Podadera", "J. M. Carmona", "A. Ibarra", "J. Molla"],
            ],
        ),
        (
            "13-oai-colon-author.xml",
            [["NA61/SHINE Collaboration", "J. Doe"], ["QUaD collaboration", "S. Gupta", "P. Ade"]],
        ),
    ],
)
def test_names(name: str, authors: list[list[str]]) -> None:
    imported(name)
    assert list(Paper.objects.order_by("pk").values_list("authors", flat=True)) == authors


def test_09_braces_around_formulas() -> None:
    assert list(imported("09-title-braces-math.bib")) == [
        "The Large $N$ limit of superconformal field theories",
        r"Deep $k$-NN for $\ell_2$ regression",
        "CO$_2$ capture by TiO$_2$",
    ]


def test_11_blanks_of_strings() -> None:
    assert only("11-string-spaces.bib").venue_text == ("Proceedings of the 23rd International Conference on Foo")


def test_12_utf_16() -> None:
    paper = only("12-utf16-bom.bib")
    assert (paper.doi, paper.year, paper.pages, len(paper.authors)) == ("10.1136/vr.d6221", 2011, "685-686", 4)


def test_17_identifiers() -> None:
    papers = imported("17-arxiv-id-forms.bib").values()
    assert [paper.arxiv_id or paper.doi for paper in papers] == [
        "2101.00005", "2101.00006", "2101.00009", "10.1145/1294928.1294933"
    ]  # fmt: skip


def test_18_own_exports_and_biblatex() -> None:
    papers = imported("18-own-export.bib")
    assert papers["A title of our own export"].categories == ["cs.CL"]
    biber = papers["Main Title: With a Subtitle"]
    assert (str(biber.submitted), biber.categories) == ("2020-05-17", ["cs.CL"])
    assert papers["Extended name format"].authors == ["Hans Harman", "Simon de Beumont"]
    child = papers["Child paper"]
    assert (child.year, child.venue_text) == (2006, "Proceedings of the 5th Conference on Foo")
    assert len(papers) == 4


def test_19_journal_references() -> None:
    first, second = map(parse_journal_ref, (CASES / "19-journal-refs.txt").read_text("utf-8").splitlines())
    assert (first.volume, first.issue, first.pages, first.year) == ("98", "3", "030001", 2018)
    assert (second.volume, second.pages, second.year) == ("D75", "084031", 2007)


def test_20_particles() -> None:
    names = (CASES / "20-names-particles.txt").read_text("utf-8").splitlines()
    assert [split_name(name).family for name in names if name] == ["'t Hooft", "'s Gravesande", "Doe", "Uszkoreit"]


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("21-pdf-*.pdf")))
def test_21_title_and_authors_of_pdfs(name: str) -> None:
    paper = only(name)
    assert (paper.title, paper.authors) == (
        "A Study of Everything that Matters in Systems",
        ["Jane Doe", "Richard Roe"],
    )


def test_22_cleaning() -> None:
    assert list(imported("22-cleaning.jsonl")) == [
        "Schrödinger and café in Münster",
        "Alzheimer's disease and the author's model",
        "Direction override stays",
    ]
    assert Paper.objects.get(key="x:m1").authors == ["Jörg Müller"]


def test_23_structure() -> None:
    papers = imported("23-bib-structure.bib")
    assert list(papers) == [
        "An entry without a key, as EndNote exports it",
        "A comma is missing here",
        "A paper with BibTeX in its note",
    ]
    assert "Not a paper of this file" in papers["A paper with BibTeX in its note"].comment
