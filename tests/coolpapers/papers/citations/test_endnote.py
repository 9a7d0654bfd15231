from __future__ import annotations

from coolpapers.papers.citations import cite
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def read(text: str) -> list[list[tuple[str, str]]]:
    """Records of (tag, value), split at blank lines as EndNote does."""
    records = [block.split("\n") for block in text.strip("\n").split("\n\n")]
    assert all(line[0] == "%" and line[2] == " " for lines in records for line in lines)
    return [[(line[1], line[3:]) for line in lines] for lines in records]


def test_each_kind_has_endnotes_name_for_it() -> None:
    records = read(cite([make_paper(), make_conference_paper(), make_journal_paper()], "endnote"))
    assert [record[0] for record in records] == [
        ("0", "Unpublished Work"),
        ("0", "Conference Proceedings"),
        ("0", "Journal Article"),
    ]


def test_authors_come_family_first_and_organisations_whole() -> None:
    (record,) = read(cite([make_paper(authors=["Ludwig van der Vaart", "NLLB Team"])], "endnote"))
    assert [value for tag, value in record if tag == "A"] == ["van der Vaart, Ludwig", "NLLB Team,"]


def test_proceedings_and_journals_stand_in_their_own_tags() -> None:
    conference, journal = read(cite([make_conference_paper(), make_journal_paper()], "endnote"))
    assert dict(conference)["B"].startswith("Proceedings")
    assert [dict(journal)[tag] for tag in "JVP"] == ["Phys.Rev.", "D54", "1234-1240"]
