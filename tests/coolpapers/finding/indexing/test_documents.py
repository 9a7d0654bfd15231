from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coolpapers.finding.indexing.documents import iterate_documents, removed_keys
from coolpapers.papers.models import Paper, PaperSource, Tombstone, Venue, latest_revision
from coolpapers.reading.models import Summary


def make_paper(key: str, **fields: object) -> Paper:
    paper = Paper(**{"key": key, "title": f"Paper {key}", **fields})
    paper.save()
    return paper


@pytest.mark.django_db
def test_a_row_becomes_a_document() -> None:
    venue = Venue.objects.create(slug="ICLR", name="International Conference on Learning Representations")
    paper = make_paper(
        "openreview:Ab12",
        title="Graphs",
        abstract="Of trees",
        authors=["Ada Lovelace"],
        comment="Oral",
        journal_ref="J. Graphs 1",
        venue=venue,
        venue_year=2025,
        categories=["cs.LG"],
        announced=date(2025, 2, 3),
        submitted=date(2024, 10, 1),
        updated=date(2025, 3, 4),
        doi="10.1/abc",
        arxiv_id="2410.00001",
        pdf_url="https://example.org/a.pdf",
        code_url="https://example.org/code",
        affiliations=["University of London"],
        report_numbers=["UL-1843-1"],
    )
    PaperSource.objects.create(paper=paper, source="arxiv", ident="2410.00001", key="arxiv:2410.00001")
    ((revision, document),) = iterate_documents()
    assert revision == paper.revision
    assert document == {
        "key": "openreview:Ab12",
        "title": "Graphs",
        "abstract": "Of trees",
        "authors": ["Ada Lovelace"],
        "comment": "Oral",
        "journal": "J. Graphs 1",
        "venue": "ICLR 2025 International Conference on Learning Representations",
        "venue_facet": "ICLR 2025",
        "categories": ["cs.LG"],
        "year": 2025,
        "date": date(2025, 2, 3).toordinal(),
        "updated": date(2025, 3, 4).toordinal(),
        "doi": "10.1/abc",
        "idents": ["2410.00001", "arxiv:2410.00001", "openreview:ab12"],
        "affiliations": ["University of London"],
        "report_numbers": ["UL-1843-1"],
        "flags": ["pdf", "code"],
    }


@pytest.mark.django_db
def test_a_bare_row_becomes_a_document() -> None:
    make_paper("file:a", venue_text="Some workshop")
    ((_, document),) = iterate_documents()
    assert (document["venue"], document["venue_facet"], document["year"], document["date"]) == (
        "Some workshop",
        "",
        0,
        0,
    )
    assert document["flags"] == []


@pytest.mark.django_db
def test_only_what_changed_after_a_revision_is_read_in_its_order() -> None:
    papers = [make_paper(f"p:{n}") for n in range(5)]
    papers[1].save()
    after = papers[2].revision
    assert [document["key"] for _, document in iterate_documents(after)] == ["p:3", "p:4", "p:1"]


@pytest.mark.django_db
def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.finding.indexing.documents.BATCH_SIZE", 2)
    for n in range(5):
        PaperSource.objects.create(paper=make_paper(f"p:{n}"), source="x", ident=f"i{n}", key=f"x:i{n}")
    documents = [document for _, document in iterate_documents()]
    assert [document["key"] for document in documents] == [f"p:{n}" for n in range(5)]
    assert all(f"x:i{n}" in document["idents"] for n, document in enumerate(documents))


@pytest.mark.django_db
def test_deleted_papers_are_named_unless_they_came_back() -> None:
    papers = [make_paper(f"p:{n}") for n in range(3)]
    after = latest_revision()
    papers[0].delete()
    papers[1].delete()
    make_paper("p:1")
    assert Tombstone.objects.count() == 2
    assert removed_keys(after) == ["p:0"]
    assert removed_keys(latest_revision()) == []


@pytest.mark.django_db
def test_flags_are_what_a_card_shows() -> None:
    plain = make_paper("p:plain")
    arxiv = make_paper("p:arxiv", arxiv_id="2406.01234")
    own = make_paper("p:own")
    PaperSource.objects.create(paper=own, source="file", ident=f"pdf-{'0' * 32}", key=f"file:pdf-{'0' * 32}")
    elsewhere = make_paper("p:elsewhere", code_url="https://github.com/ada/engine")
    PaperSource.objects.create(paper=elsewhere, source="x", ident="i", key="x:i", pdf_url="https://example.org/a.pdf")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for paper, text in ((plain, "A digest."), (arxiv, "")):
        Summary.objects.create(paper=paper, language="en", markdown=text, requested_at=now)
    flags = {document["key"]: document["flags"] for _, document in iterate_documents()}
    assert flags == {"p:plain": ["summary"], "p:arxiv": ["pdf"], "p:own": ["pdf"], "p:elsewhere": ["pdf", "code"]}
