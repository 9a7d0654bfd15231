from __future__ import annotations

import pytest

from coolpapers.papers.sources.bibtex import inheritance as module
from coolpapers.papers.sources.bibtex.inheritance import Entry, Family
from coolpapers.papers.sources.bibtex.scanning import RawEntry


def entry(type_: str, key: str, **fields: str) -> Entry:
    return Entry(RawEntry(type_, key, [], 1), dict(fields))


def ready(*entries: Entry) -> dict[str, Entry]:
    family = Family()
    taken = [done for one in entries for done in family.add(one)]
    return {done.raw.key: done for done in (*taken, *family.rest())}


def test_a_child_inherits_where_it_appeared_and_nothing_else() -> None:
    parent = entry(
        "proceedings", "Conf", title="Proc", subtitle="Sub", year="2006", doi="10.1000/v", url="u", editor="E"
    )
    done = ready(entry("inproceedings", "c", title="Child", crossref="conf"), parent)
    assert list(done) == ["c"]  # the volume is no paper where papers stand in it
    assert done["c"].fields == {
        "title": "Child", "crossref": "conf", "year": "2006", "editor": "E", "booktitle": "Proc", "booksubtitle": "Sub"
    }  # fmt: skip


def test_an_own_date_wins_over_the_volume_s_year() -> None:
    parent = entry("proceedings", "p", title="Proc", year="2006")
    assert "year" not in ready(entry("inproceedings", "c", title="C", date="2007-01", crossref="p"), parent)["c"].fields


def test_xdata_gives_all_its_fields_and_is_no_paper() -> None:
    data = entry("xdata", "x", publisher="Press", doi="10.1000/x")
    done = ready(data, entry("book", "b", title="B", xdata="x, y"))
    assert list(done) == ["b"]
    assert (done["b"].fields["publisher"], done["b"].fields["doi"]) == ("Press", "10.1000/x")
    assert done["b"].missing == ["y"]


def test_a_parent_inherits_its_own_xdata_for_its_children() -> None:
    data, parent = entry("xdata", "x", publisher="Press"), entry("proceedings", "p", title="Proc", xdata="x")
    done = ready(data, parent, entry("inproceedings", "c", title="C", crossref="p"))
    assert done["c"].fields["publisher"] == "Press"


def test_a_volume_that_nothing_refers_to_is_a_paper_and_a_book_always_is() -> None:
    book = entry("book", "b", title="Book")
    done = ready(entry("proceedings", "p", title="Proc"), book, entry("inbook", "c", title="C", crossref="b"))
    assert set(done) == {"p", "b", "c"}


def test_an_entry_does_not_inherit_from_itself() -> None:
    done = ready(entry("book", "b", title="B", crossref="b"))
    assert done["b"].fields == {"title": "B", "crossref": "b"}


def test_entries_wait_only_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_HELD", 0)
    family = Family(_room=0)
    (done,) = family.add(entry("inproceedings", "c", title="C", crossref="p"))
    assert done.missing == ["p"]
