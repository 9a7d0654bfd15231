from __future__ import annotations

from pathlib import Path

import pypdfium2

from coolpapers.papers.files.pdflines import Line, is_picture, page_lines, tidy
from tests.pdf_files import Placed, make_pdf


def lines_of(tmp_path: Path, placed: list[Placed]) -> list[Line]:
    path = tmp_path / "page.pdf"
    path.write_bytes(make_pdf([placed]))
    document = pypdfium2.PdfDocument(path)
    try:
        first = document[0]
        assert not is_picture(first)
        return page_lines(first)
    finally:
        document.close()


def test_lines_come_from_the_top_down_with_size_and_place(tmp_path: Path) -> None:
    below, above, beside = (72.0, 600.0, 10.0, "below"), (72.0, 700.0, 18.0, "above"), (300.0, 600.0, 10.0, "beside")
    found = lines_of(tmp_path, [below, above, beside])
    assert [(line.text, line.size) for line in found][:1] == [("above", 18.0)]
    assert {line.y for line in found} == {700.0, 600.0}
    assert " ".join(line.text for line in found) == "above below beside"


def test_a_page_without_text_has_no_lines(tmp_path: Path) -> None:
    assert lines_of(tmp_path, []) == []


def test_controls_become_spaces() -> None:
    assert tidy("a\x02b  c\ufffe ") == "a b c"


def test_accents_of_old_fonts_join_their_letters() -> None:
    assert tidy("Garc´ıa M´arquez, M¨uller, Fran¸cois and ˇCech") == "García Márquez, Müller, François and Čech"
    assert tidy("100 ¨ and ´x") == "100 ¨ and ´x"


def test_raised_letters_of_affiliations_are_marks(tmp_path: Path) -> None:
    names = [(72.0, 700.0, 12.0, "Ann Alpha"), (126.5, 702.5, 7.0, "a"), (131.0, 700.0, 12.0, " and Bo Beta")]
    (line,) = lines_of(tmp_path, [*names, (199.0, 702.5, 7.0, "b,c")])
    assert line.text_of_names.replace("†,†", "†") == "Ann Alpha† and Bo Beta†"
    (formula,) = lines_of(tmp_path, [(72.0, 700.0, 12.0, "CO"), (90.0, 698.0, 7.0, "2")])
    assert formula.text_of_names == formula.text
