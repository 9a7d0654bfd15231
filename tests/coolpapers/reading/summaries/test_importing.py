from __future__ import annotations

from io import BytesIO

import orjson
import pytest

from coolpapers.papers.models import latest_revision
from coolpapers.reading.models import Summary
from coolpapers.reading.summaries.importing import ImportReport, import_summaries
from coolpapers.reading.summarizers.imported import read_summaries
from tests.coolpapers.reading.made import NOW, make_finished, make_paper

pytestmark = pytest.mark.django_db


def run(*rows: object, dry_run: bool = False) -> ImportReport:
    lines = b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows)
    return import_summaries(read_summaries(BytesIO(lines), name="s.jsonl"), now=NOW, dry_run=dry_run)


def row(paper_id: str, markdown: str = "### Q\n\nA", **fields: str) -> dict[str, str]:
    return {"id": paper_id, "markdown": markdown, "lang": "en", "source": "repo/a", "kind": "llm", **fields}


def test_a_summary_is_stored_with_its_source_and_the_second_run_changes_nothing() -> None:
    paper = make_paper()
    first = run(row(paper.key))
    revision = latest_revision()
    again = run(row(paper.key))
    assert (first.added, again.unchanged, again.added, again.changed) == (1, 1, 0, 0)
    assert latest_revision() == revision
    summary = Summary.objects.get()
    assert (summary.status, summary.source, summary.label, summary.kind) == ("done", "imported", "repo/a", "llm")
    paper.refresh_from_db()
    assert paper.revision == revision


@pytest.mark.parametrize("name", ["arxiv:2601.07001", "2601.07001v3", "https://arxiv.org/abs/2601.07001"])
def test_a_paper_is_found_by_any_of_its_names(name: str) -> None:
    make_paper(key="acl:2026.acl-long.1", arxiv_id="2601.07001")
    assert run(row(name)).added == 1


def test_a_paper_is_found_by_doi_and_by_an_unmistakable_title() -> None:
    make_paper(key="file:x", arxiv_id="", doi="10.1000/x", title="A Rather Long Title About $x$ Things")
    assert run(row("doi:10.1000/X")).added == 1
    Summary.objects.all().delete()
    assert run(row("CVPR2026/some_name", title="a rather long title about $x$ things")).added == 1


def test_a_title_that_two_papers_have_or_that_is_short_finds_none() -> None:
    for n in range(2):
        make_paper(key=f"file:{n}", arxiv_id="", title="A Rather Long Title About Things")
    make_paper(key="file:short", arxiv_id="", title="Introduction")
    report = run(row("note:1", title="A Rather Long Title About Things"), row("note:2", title="Introduction"))
    assert (report.added, report.missing) == (0, 2)


def test_papers_that_the_library_lacks_are_counted_not_refused() -> None:
    make_paper(title="A Rather Long Title About Things")
    report = run(row("arxiv:2501.00001", title="A Rather Long Title About Things"))
    assert (report.missing, report.refused) == (1, [])


def test_bad_records_are_refused_by_line_and_field_and_their_neighbours_taken() -> None:
    paper = make_paper()
    report = run(
        b"not json",
        b"[1]",
        {"id": paper.key},
        {"id": 7, "markdown": "x"},
        {"id": paper.key, "markdown": "a\x00b"},
        {"id": paper.key, "markdown": "x", "lang": "klingon!"},
        row(paper.key),
    )
    assert report.added == 1
    assert [(refusal.line, refusal.field) for refusal in report.refused] == [
        (1, ""),
        (2, ""),
        (3, "markdown"),
        (4, "id"),
        (5, "markdown"),
        (6, "lang"),
    ]
    assert str(report.refused[2]) == "s.jsonl, line 3: markdown: missing or empty"


def test_the_same_sources_newer_text_replaces_the_older() -> None:
    paper = make_paper()
    run(row(paper.key, "old"))
    assert run(row(paper.key, "new")).changed == 1
    assert Summary.objects.get().markdown == "new\n"


def test_a_persons_summary_is_kept_before_a_models_and_the_first_source_before_another() -> None:
    paper = make_paper()
    both = (row(paper.key, "model"), row(paper.key, "person", kind="human", source="repo/b"))
    assert run(*both).changed == 1
    again = run(*both, row(paper.key, "third", kind="human", source="repo/c"))
    assert (again.changed, again.unchanged, again.passed_over) == (0, 1, 2)
    assert Summary.objects.get().markdown == "person\n"


def test_an_imported_summary_replaces_a_generated_one() -> None:
    done = make_finished(source="extractive")
    assert run(row(done.paper.key)).changed == 1
    assert Summary.objects.get().source == "imported"


def test_languages_stand_side_by_side() -> None:
    paper = make_paper()
    run(row(paper.key, lang="zh"), row(paper.key, lang="en"))
    assert sorted(Summary.objects.values_list("language", flat=True)) == ["en", "zh"]


def test_a_dry_run_counts_and_stores_nothing() -> None:
    paper = make_paper()
    assert run(row(paper.key), dry_run=True).added == 1
    assert not Summary.objects.exists()
