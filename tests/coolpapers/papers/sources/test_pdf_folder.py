from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.files.files import find_pdf, own_path
from coolpapers.papers.importing.services import ImportHooks, ImportOptions, import_file, upsert_records
from coolpapers.papers.models import Paper
from coolpapers.papers.records.record import Record, Refusal
from coolpapers.papers.sources.pdf_folder import PdfFolderSource
from tests.pdf_files import make_paper_pdf, make_pdf

PDF = ImportOptions(source="pdf")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two papers (one of them deeper), a scan, and things that are no PDFs."""
    root = tmp_path / "papers"
    (root / "deeper").mkdir(parents=True)
    (root / "a shapes.pdf").write_bytes(make_paper_pdf())
    (root / "deeper" / "b.PDF").write_bytes(make_paper_pdf(("Another Paper With a Title",), stamp="arXiv:2406.01234v1"))
    (root / "scan.pdf").write_bytes(make_pdf([[]]))
    (root / "broken.pdf").write_bytes(b"%PDF-1.4 nothing more")
    (root / "notes.txt").write_text("no")
    (root / ".hidden.pdf").write_bytes(make_paper_pdf())
    return root


def read(folder: Path) -> tuple[list[Record], list[Refusal]]:
    items = list(PdfFolderSource().read_path(folder, raw=None))
    return [one for one in items if isinstance(one, Record)], [one for one in items if isinstance(one, Refusal)]


def test_every_pdf_becomes_a_paper_or_is_refused_with_the_reason(folder: Path) -> None:
    records, refusals = read(folder)
    assert [record.title for record in records] == [
        "A Long Title About the Shapes of Small Things",
        "Another Paper With a Title",
    ]
    reasons = {refusal.location: refusal.reason for refusal in refusals}
    assert reasons.keys() == {"scan.pdf", "broken.pdf"}
    assert "no text layer" in reasons["scan.pdf"]
    assert "ocrmypdf" in reasons["scan.pdf"]
    assert "damaged" in reasons["broken.pdf"]


def test_files_are_copied_into_the_library(folder: Path) -> None:
    records, _ = read(folder)
    (folder / "a shapes.pdf").unlink()
    assert own_path(records[0].ident).read_bytes() == make_paper_pdf()


def test_a_dry_run_keeps_no_file(folder: Path, settings: Settings) -> None:
    assert any(isinstance(item, Record) for item in PdfFolderSource().preview_path(folder, raw=None))
    assert not settings.FILES_DIR.exists()


def test_a_title_that_cannot_be_guessed_is_the_files_name(tmp_path: Path) -> None:
    lines = [(72.0, 700.0 - 12 * n, 10.0, "12345 67890 12345 67890 12345") for n in range(20)]
    (tmp_path / "my_old  notes.pdf").write_bytes(make_pdf([lines]))
    records, _ = read(tmp_path)
    assert records[0].title == "my old notes"


def test_one_file_is_recognised_as_well_as_a_folder(folder: Path, tmp_path: Path) -> None:
    source = PdfFolderSource()
    assert source.recognises(b"", path=folder)
    assert source.recognises(b"%PDF-1.7 ...", path=folder / "a shapes.pdf")
    assert not source.recognises(b"", path=folder / "deeper" / "nothing")
    assert not source.recognises(b"{}", path=folder / "notes.txt")


def test_a_folder_without_pdfs_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="holds no PDF"):
        list(PdfFolderSource().read_path(tmp_path, raw=None))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.pdf").write_bytes(make_paper_pdf())
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    assert not PdfFolderSource().recognises(b"", path=inside)


@pytest.mark.django_db
def test_importing_a_folder_twice_changes_nothing_the_second_time(folder: Path) -> None:
    refused: list[Refusal] = []
    first = import_file(folder, options=PDF, hooks=ImportHooks(refused=refused.append))
    again = import_file(folder, options=PDF)
    assert (first.added, first.refused, len(refused)) == (2, 2, 2)
    assert (again.added, again.changed, again.skipped) == (0, 0, 2)


@pytest.mark.django_db
def test_a_dry_run_of_the_import_leaves_the_library_alone(folder: Path, settings: Settings) -> None:
    import_file(folder, options=ImportOptions(source="pdf", dry_run=True))
    assert not Paper.objects.exists()
    assert not settings.FILES_DIR.exists()


@pytest.mark.django_db
def test_an_own_pdf_and_the_arxiv_copy_are_one_work(folder: Path) -> None:
    # Regression 17: own PDF + arXiv copy = one work.
    arxiv = Record(
        key="arxiv:2406.01234",
        source="arxiv",
        ident="2406.01234",
        title="Another paper with a title",
        arxiv_id="2406.01234",
    )
    upsert_records([arxiv])
    import_file(folder / "deeper", options=PDF)
    paper = Paper.objects.get(arxiv_id="2406.01234")
    assert paper.sources.count() == 2
    assert find_pdf(paper) is not None
