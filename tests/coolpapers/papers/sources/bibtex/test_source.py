from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.records.record import Dropped, Record
from coolpapers.papers.sources import encoding
from coolpapers.papers.sources.bibtex.source import BibtexSource
from coolpapers.papers.sources.registry import recognise
from tests.coolpapers.papers.make import DATA, read_bytes, read_file, records_of, refusals_of

SOURCE = BibtexSource()
LIBRARY = DATA / "bibtex" / "library.bib"


def read(text: str) -> list[Record]:
    return records_of(read_bytes(SOURCE, text.encode()))


def test_it_reads_an_own_library() -> None:
    bert, memory, attention, future, press, volume = records_of(read_file(SOURCE, LIBRARY))
    assert bert.title == "BERTsch: Pre-training of $O({n^2})$ Übermodels"
    assert bert.authors == ("Paul Erdős", "Johannes van der Waals Jr.", "The Test Collaboration")
    assert (bert.venue_slug, bert.venue_year, bert.year) == ("EMNLP", 2019, 2019)
    assert (bert.source, bert.ident, bert.page_url) == ("file", "example2019", "https://example.org/a_b")
    assert (bert.kind, bert.pages) == ("conference", "1-9")
    assert memory.title == "Short & long memory"
    assert memory.authors == ("Hans Müller", "Ana García")
    assert memory.journal_ref == "Neural Computation (test) 9(8), 1735-1780"
    assert (memory.kind, memory.volume, memory.issue, memory.pages) == ("journal", "9", "8", "1735-1780")
    assert memory.doi == "10.1000/memory"
    assert (attention.kind, attention.arxiv_id, attention.venue_slug) == ("preprint", "1706.90001", "")
    assert attention.keywords == ("tests", "attention")
    assert (future.year, future.dropped) == (None, (Dropped("year", "20245 is not between 1600 and 2100"),))
    assert (press.title, press.year) == ("Not yet printed anywhere", None)
    assert (volume.title, volume.kind) == ("A whole volume", "proceedings")


def test_entries_are_refused_one_by_one() -> None:
    assert refusals_of(read_file(SOURCE, LIBRARY)) == [
        "library.bib, line 15: not BibTeX: it never closes: a brace or quotation mark is missing"
    ]


def test_the_same_entry_has_one_key_under_different_cite_keys() -> None:
    form = "@article{%s, title={One and the same title}, author={Ada Example}, year=2020}\n"
    one, other = read(form % "a1" + form % "b2")
    assert one.key == other.key
    assert (one.ident, other.ident) == ("a1", "b2")


def test_a_cite_key_given_twice_loses_nothing() -> None:
    text = "@article{k, title={First title}, author={A B}}\n@article{k, title={Second title}, author={A B}}\n"
    assert [record.title for record in read(text)] == ["First title", "Second title"]


def test_a_field_given_twice_counts_once() -> None:
    assert [record.title for record in read("@article{k, title={First title}, title={Second}, author={A B}}")] == [
        "First title"
    ]


def test_another_encoding_is_named() -> None:
    text = "@article{k, title={Caf\xe9}, year=2020}\n@article{m, title={Fine title}, author={A B}}".encode("latin-1")
    items = read_bytes(SOURCE, text, name="x.bib")
    assert refusals_of(items) == [
        "x.bib, line 1: title: not UTF-8 (found byte 0xe9); save the file as UTF-8, or declare its encoding"
    ]
    assert len(records_of(items)) == 1


def test_a_side_field_in_another_encoding_is_dropped() -> None:
    text = "@article{k, title={Fine title}, author={A B}, publisher={\xc9ditions}, year=2020}".encode("latin-1")
    (record,) = records_of(read_bytes(SOURCE, text))
    assert (record.publisher, record.year) == ("", 2020)
    assert [dropped.field for dropped in record.dropped] == ["publisher"]


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(name: str) -> None:
    data = "@article{k,\r\n title={Größe}, author={Hans Müller}, year=2020}\r\n".encode(name)
    (record,) = records_of(read_bytes(SOURCE, data))
    assert (record.title, record.authors, record.line) == ("Größe", ("Hans Müller",), 1)
    assert recognise(Path("refs.txt"), data) == "bibtex"


def test_strings_defined_in_one_chunk_hold_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '@string{j = "Journal of "}\n@article{a, title={Title number one}, author={A B}, journal = j # {Tests}}\n'
    for size in (1, 3, 10, 64):
        monkeypatch.setattr(encoding, "CHUNK", size)
        (record,) = read(text)
        assert (record.venue_text, record.line) == ("Journal of Tests", 2)


def test_a_paper_takes_year_and_book_from_its_volume() -> None:
    between, child = read(
        "@inproceedings{child, title={Child}, author={Doe, Jane}, crossref={Conf}, pages={1--2}}\n"
        "@article{between, title={Another paper between the two}, author={A B}}\n"
        "@proceedings{conf, title={Proceedings of Foo}, year=2006, editor={Roe, Richard}, doi={10.1000/volume}}"
    )
    assert (between.title, child.title) == ("Another paper between the two", "Child")
    assert (child.year, child.venue_text) == (2006, "Proceedings of Foo")
    assert (child.editors, child.doi) == (("Richard Roe",), "")


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [
        (b"@article{a,", "x", True),
        (b"% comment\n\n@misc{a,", "x", True),
        (b"", "refs.bib", True),
        (b"{}", "x.json", False),
        (b"\x00\x01\x02", "x.bin", False),
    ],
)
def test_it_recognises_its_files(head: bytes, name: str, wanted: bool) -> None:
    assert SOURCE.recognises(head, path=Path(name)) is wanted


HOSTILE = {
    "nested braces": "@article{k, title={" + "{" * 100_000 + "x" + "}" * 100_000 + "}, author={A B}}",
    "unclosed entries": "@article{k, title={a\n" * 20_000,
    "strings of strings": '@string{a0="' + "x" * 1_000 + '"}'
    + "".join(f"@string{{a{n}=" + " # ".join([f"a{n - 1}"] * 50) + "}\n" for n in range(1, 40))
    + "@article{k, title={T}, abstract=a39}",
    "authors": "@article{k, title={T}, author={" + " and ".join(["Doe, Jane"] * 200_000) + "}}",
    "newlines": "@article{k, title={T}, abstract={" + "\n" * 3_000_000 + "}}",
    "at signs": "@" * 2_000_000,
    "commented starts": "%@a{" * 300_000,
    "commas": "@article{k" + "," * 2_000_000 + "}",
    "concatenation": "@article{k, title=a" + "#a" * 500_000 + "}",
    "fields": "@article{k" + ", f={x}" * 200_000 + "}",
    "crossrefs": "".join(f"@inproceedings{{k{n}, title={{T}}, crossref={{p}}}}\n" for n in range(20_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_bounded_in_time(name: str) -> None:
    stream = io.BytesIO(HOSTILE[name].encode())
    began = time.process_time()
    for _ in SOURCE.read(stream, name="x.bib"):
        pass
    assert time.process_time() - began < 5


@given(st.text(alphabet='@article{}"#,= \n\\%ab&~$', max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_bytes(SOURCE, text.encode())
