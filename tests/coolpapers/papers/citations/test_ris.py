from __future__ import annotations

from coolpapers.papers.citations import cite
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def read(text: str) -> list[dict[str, list[str]]]:
    """Parse RIS strictly: CR LF, two-letter tag, two blanks, hyphen, blank; TY first and ER last."""
    records: list[dict[str, list[str]]] = []
    for line in text.split("\r\n"):
        assert "\n" not in line
        if not line:
            continue
        assert line[2:6] == "  - "
        tag, value = line[:2], line[6:]
        if tag == "TY":
            records.append({})
        records[-1].setdefault(tag, []).append(value)
    assert all(record["ER"] == [""] and "TY" in record for record in records)
    return records


def test_a_preprint_has_archive_address_and_file() -> None:
    (record,) = read(cite([make_paper()], "ris"))
    assert record["TY"] == ["UNPB"]
    assert record["AU"] == ["Lovelace, Ada", "van der Vaart, Ludwig"]
    assert (record["PY"], record["DA"]) == (["2025"], ["2025/01/09"])
    assert (record["DB"], record["AN"]) == (["arXiv"], ["arXiv:2406.01234"])
    assert record["L1"] == ["https://arxiv.org/pdf/2406.01234"]
    assert record["AB"] == ["We prove $O(n)$ bounds."]


def test_a_conference_paper_has_conference_and_proceedings_where_zotero_looks() -> None:
    (record,) = read(cite([make_conference_paper()], "ris"))
    assert (record["TY"], record["T2"]) == (["CONF"], ["ACL 2020"])
    assert record["C3"][0].startswith("Proceedings of the 58th")
    assert record["KW"] == ["parsing", "treebanks"]


def test_a_journal_article_has_volume_and_pages() -> None:
    (record,) = read(cite([make_journal_paper()], "ris"))
    assert (record["TY"], record["T2"], record["VL"]) == (["JOUR"], ["Phys.Rev."], ["D54"])
    assert (record["SP"], record["EP"]) == (["1234"], ["1240"])


def test_zotero_would_take_m3_for_a_doi_so_none_is_written() -> None:
    text = cite([make_paper(), make_conference_paper(), make_journal_paper()], "ris")
    assert all("M3" not in record for record in read(text))


def test_a_line_break_in_a_field_does_not_break_the_record() -> None:
    (record,) = read(cite([make_paper(title="Two\nlines", abstract="a\r\nER  - \r\nb")], "ris"))
    assert record["TI"] == ["Two lines"]
    assert record["AB"] == ["a ER - b"]
