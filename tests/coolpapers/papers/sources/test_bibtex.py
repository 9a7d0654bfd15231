from __future__ import annotations

from pathlib import Path

import pytest

from coolpapers.papers.records.record import Dropped
from coolpapers.papers.sources import bibtex as module
from coolpapers.papers.sources.bibtex import BibtexSource
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = BibtexSource()
LIBRARY = DATA / "bibtex" / "library.bib"


def test_it_reads_an_own_library() -> None:
    bert, memory, attention, future, press = records_of(read_file(SOURCE, LIBRARY))
    assert bert.title == "BERTsch: Pre-training of $O({n^2})$ Übermodels"
    assert bert.authors == ("Paul Erdős", "Johannes van der Waals Jr.", "The Test Collaboration")
    assert (bert.venue_slug, bert.venue_year, bert.year) == ("EMNLP", 2019, 2019)
    assert (bert.source, bert.ident, bert.page_url) == ("file", "example2019", "https://example.org/a_b")
    assert memory.title == "Short & long memory"
    assert memory.authors == ("Hans Müller", "Ana García")
    assert memory.journal_ref == "Neural Computation (test) 9(8), 1735-1780"
    assert (memory.key, memory.doi) == ("bib:doi:10.1000/memory", "10.1000/memory")
    assert (attention.key, attention.arxiv_id, attention.venue_slug) == ("bib:arxiv:1706.90001", "1706.90001", "")
    assert attention.keywords == ("tests", "attention")
    assert (future.year, future.dropped) == (None, (Dropped("year", "20245 is not between 1600 and 2100"),))
    assert (press.title, press.year) == ("Not yet printed anywhere", None)


def test_entries_are_refused_one_by_one() -> None:
    (unclosed,) = refusals_of(read_file(SOURCE, LIBRARY))
    assert unclosed.startswith("library.bib, line 15: not BibTeX: Unexpected block start")


def test_the_same_entry_has_one_key_under_different_cite_keys() -> None:
    form = "@article{%s, title={One and the same title}, author={Ada Example}, year=2020}\n"
    one, other = records_of(read_bytes(SOURCE, (form % "a1" + form % "b2").encode()))
    assert one.key == other.key
    assert (one.ident, other.ident) == ("a1", "b2")


def test_a_cite_key_given_twice_loses_nothing() -> None:
    text = b"@article{k, title={First title}, author={A B}}\n@article{k, title={Second title}, author={A B}}\n"
    assert [record.title for record in records_of(read_bytes(SOURCE, text))] == ["First title", "Second title"]


def test_a_field_given_twice_counts_once() -> None:
    text = b"@article{k, title={First title}, title={Second title}, author={A B}}\n"
    assert [record.title for record in records_of(read_bytes(SOURCE, text))] == ["First title"]


def test_another_encoding_is_named() -> None:
    text = "@article{k, title={Caf\xe9}, year=2020}\n@article{m, title={Fine title}, author={A B}}".encode("latin-1")
    items = read_bytes(SOURCE, text, name="x.bib")
    assert refusals_of(items) == ["x.bib, line 1: title: not UTF-8 (found byte 0xe9); save the file as UTF-8"]
    assert len(records_of(items)) == 1


def test_strings_defined_in_one_stretch_hold_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", 10)
    text = b'@string{j = "Journal of Tests"}\n@article{a, title={Title number one}, author={A B}, journal = j # { X}}\n'
    (record,) = records_of(read_bytes(SOURCE, text))
    assert (record.venue_text, record.line) == ("Journal of Tests X", 2)


@pytest.mark.parametrize(
    ("fields", "arxiv_id"),
    [
        ("eprint={1706.03762v5}, archivePrefix={arXiv}", "1706.03762"),
        ("eprint={hep-th/9901001}, eprinttype={arxiv}", "hep-th/9901001"),
        ("journal={CoRR}, volume={abs/1706.03762}, url={http://arxiv.org/abs/1706.03762}", "1706.03762"),
        ("note={arXiv:1706.03762}", "1706.03762"),
        ("doi={10.48550/arXiv.1706.03762}", "1706.03762"),
        ("eprint={12345}, eprinttype={pubmed}", ""),
    ],
)
def test_arxiv_ids_are_found_where_people_put_them(fields: str, arxiv_id: str) -> None:
    (record,) = records_of(read_bytes(SOURCE, f"@misc{{k, title={{Some title}}, {fields}}}".encode()))
    assert record.arxiv_id == arxiv_id


def test_names_that_cannot_be_read_are_refused() -> None:
    items = read_bytes(SOURCE, b"@misc{k, title={Some title}, author={A, B, C, D, E}}", name="x.bib")
    assert refusals_of(items) == ["x.bib, line 1: author: 'A, B, C, D, E' is not a name BibTeX can read"]


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [
        (b"@article{a,", "x", True),
        (b"% comment\n\n@misc{a,", "x", True),
        (b"", "refs.bib", True),
        (b"{}", "x.json", False),
    ],
)
def test_it_recognises_its_files(head: bytes, name: str, wanted: bool) -> None:
    assert SOURCE.recognises(head, path=Path(name)) is wanted
