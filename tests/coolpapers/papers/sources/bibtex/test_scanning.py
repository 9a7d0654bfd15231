from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.sources.bibtex.scanning import Damage, RawEntry, StringDefinition, scan


def entries(text: str, *, size: int = 1_000_000) -> list[RawEntry | StringDefinition | Damage]:
    return list(scan(text[start : start + size] for start in range(0, len(text), size)))


def fields(text: str) -> dict[str, str]:
    (entry,) = entries(text)
    assert isinstance(entry, RawEntry)
    return {name: "".join(piece for _, piece in value) for name, value in entry.fields}


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("title = {Plain}", "Plain"),
        ('title = "Quoted {"}with{"} braces"', 'Quoted {"}with{"} braces'),
        ("title = 2001", "2001"),
        ("Title={No {s{p}a}ces},", "No {s{p}a}ces"),
        (r"title = {An escaped \} brace}", r"An escaped \} brace"),
        (r"title = {C:\temp\}", "C:\\temp\\"),
        (r"title = {Line \\}", r"Line \\"),
        ("title = {One\n@ two}", "One\n@ two"),
        ("title = {First} author = {A B}", "First"),
        ("title = ,", ""),
        ("title = {After a comment}, % title = {x}", "After a comment"),
    ],
)
def test_values_are_read(body: str, title: str) -> None:
    assert fields(f"@article{{k, {body}\n}}")["title"] == title
    assert fields(f"@article(k, {body}\n)")["title"] == title


@pytest.mark.parametrize(
    ("begin", "key"),
    [
        ("@article{k,", "k"),
        ("@ARTICLE {DBLP:a/b-c+d,", "DBLP:a/b-c+d"),
        ("@article{\n ,", ""),
        ("@article{", ""),
        ("@article{key with spaces,", "key with spaces"),
        ("text before @article{k,", "k"),
    ],
)
def test_keys_may_be_missing(begin: str, key: str) -> None:
    (entry,) = entries(f"{begin} title = {{T}}, year = 2001}}")
    assert isinstance(entry, RawEntry)
    assert (entry.type, entry.key, [name for name, _ in entry.fields]) == ("article", key, ["title", "year"])


def test_pieces_of_a_concatenation_are_told_apart() -> None:
    string, entry = entries('@string{J = "Journal "}\n@article{k, journal = j # {of } # "Tests" # 7}')
    assert string == StringDefinition("j", [(True, "Journal ")])
    assert isinstance(entry, RawEntry)
    assert entry.fields == [("journal", [(False, "j"), (True, "of "), (True, "Tests"), (False, "7")])]


def test_comments_and_preambles_are_passed_over() -> None:
    text = '@comment{@article{a, title={A}}}\n@preamble{"\\newcommand{}"}\n%@article{b, title={B}}\n@misc{c, title={C}}'
    (entry,) = entries(text)
    assert isinstance(entry, RawEntry)
    assert (entry.key, entry.line) == ("c", 4)


def test_an_entry_inside_a_note_is_part_of_the_note() -> None:
    assert (
        "@article{fake" in fields("@article{k, note={Cite as\n@article{fake, title={T}}\nplease}, year=2020}")["note"]
    )


def test_an_entry_that_never_closes_costs_itself() -> None:
    text = "@article{a, title={Open\n}\n\n@article{b, title={B}}\n@article{c, title={C}}\n"
    damage, second, third = entries(text)
    assert damage == Damage(1, "it never closes: a brace or quotation mark is missing")
    assert [entry.key for entry in (second, third) if isinstance(entry, RawEntry)] == ["b", "c"]


def test_a_field_that_cannot_be_read_costs_itself() -> None:
    (entry,) = entries('@article{k, title={Fine}, note="A "quoted" word", author={A B}, year=2000}')
    assert isinstance(entry, RawEntry)
    assert [name for name, _ in entry.fields] == ["title", "author", "year"]
    assert entry.damaged == ["note"]


@given(st.integers(1, 40))
def test_chunks_may_end_anywhere(size: int) -> None:
    text = '% c\n@string{a = "x"}\n@article{k1, title={A {B}}, note = a # "\\"c"}\n@misc(k2, title="{T}")\n@book{k3,}'
    assert entries(text, size=size) == entries(text)
    assert len(entries(text)) == 4
