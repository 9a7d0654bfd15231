from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from coolpapers.papers.files.files import (
    fetched_path,
    find_pdf,
    hash_file,
    keep_pdf,
    kept_text,
    own_idents,
    own_path,
    read_full_text,
)
from coolpapers.papers.files.pdftext import read_pdf
from coolpapers.papers.models import Paper, PaperSource
from tests.pdf_files import make_paper_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def keep(tmp_path: Path) -> str:
    path = tmp_path / "mine.pdf"
    path.write_bytes(make_paper_pdf())
    ident = hash_file(path)
    keep_pdf(path, ident, read_pdf(path))
    return ident


def make_own_paper(ident: str, **fields: str) -> Paper:
    paper = Paper.objects.create(key=f"file:{ident}", title="Shapes", **fields)
    PaperSource.objects.create(paper=paper, source="file", ident=ident, key=f"file:{ident}")
    return paper


def test_a_kept_pdf_is_found_with_its_text(tmp_path: Path) -> None:
    ident = keep(tmp_path)
    paper = make_own_paper(ident)
    assert find_pdf(paper) == own_path(ident)
    assert "smaller than it looks" in read_full_text(paper)
    stored = kept_text(ident)
    assert stored is not None
    assert stored.authors == ("Ada Lovelace", "Ludwig van der Vaart")


def test_the_same_content_is_the_same_file(tmp_path: Path) -> None:
    first = keep(tmp_path)
    assert keep(tmp_path) == first


def test_a_fetched_file_is_found_by_its_address() -> None:
    paper = make_own_paper("bib-entry")
    url = "https://example.org/a.pdf"
    assert find_pdf(paper, url=url) is None
    path = fetched_path(url)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.4")
    assert find_pdf(paper, url=url) == path
    assert find_pdf(paper) is None


@pytest.mark.parametrize("ident", ["../../etc/passwd", "pdf-", "pdf-" + "A" * 32, "pdf-" + "a" * 31])
def test_no_ident_leads_out_of_the_folder(ident: str) -> None:
    assert own_idents([PaperSource(source="file", ident=ident)]) == []
    with pytest.raises(ValueError, match="names no imported PDF"):
        own_path(ident)


def test_damaged_notes_are_read_as_none(tmp_path: Path) -> None:
    ident = keep(tmp_path)
    own_path(ident).with_suffix(".json").write_text("{half")
    assert kept_text(ident) is None
    assert read_full_text(make_own_paper(ident)) == ""
