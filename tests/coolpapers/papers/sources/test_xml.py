from __future__ import annotations

import io

import pytest

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.sources.xml import child, children, iter_elements, line_of, local_name, text_of


def texts(data: str, *, end: set[str]) -> list[str]:
    return ["".join(map(str, element.itertext())) for element in iter_elements(io.BytesIO(data.encode()), end=end)]


def test_elements_come_one_by_one_whatever_their_namespace() -> None:
    data = "<r xmlns:x='urn:x'><a>1</a><x:a>2</x:a><b>3</b><!-- c --><?pi x?></r>"
    assert texts(data, end={"a"}) == ["1", "2"]


def test_elements_are_forgotten_after_use() -> None:
    stream = io.BytesIO(b"<r>" + b"<a>x</a>" * 50_000 + b"</r>")
    sizes = [len(element.getparent()) for element in iter_elements(stream, end={"a"})]  # type: ignore[arg-type]
    assert len(sizes) == 50_000
    assert max(sizes) < 10_000  # what one read of the file brings


def test_beginnings_are_told_too() -> None:
    stream = io.BytesIO(b"<r><v id='1'><p>a</p></v></r>")
    assert [local_name(element) for element in iter_elements(stream, start={"v"}, end={"p"})] == ["v", "p"]


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE r [<!ENTITY e "boom">]><r><a>&e;</a></r>',
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r><a>&e;</a></r>',
        '<!DOCTYPE r SYSTEM "http://example.org/r.dtd"><r><a>x</a></r>',
    ],
)
def test_document_types_are_not_taken(data: str) -> None:
    with pytest.raises(SourceFormatError, match="declares a document type"):
        texts(data, end={"a"})


def test_malformed_xml_says_where_after_what_could_be_read() -> None:
    found = iter_elements(io.BytesIO(b"<r>\n<a>1</a>\n<a>2</b>\n</r>"), end={"a"})
    assert next(found).text == "1"
    with pytest.raises(SourceFormatError, match=r"not well-formed XML: .*line 3"):
        list(found)


def test_an_empty_file_is_no_xml() -> None:
    with pytest.raises(SourceFormatError):
        texts("", end={"a"})


def test_children_are_found_by_local_name() -> None:
    stream = io.BytesIO(b"<r xmlns='urn:x'>\n<p><a> x <b>y</b></a><a>z</a></p></r>")
    for element in iter_elements(stream, end={"p"}):
        assert text_of(element, "a") == "x y"
        assert text_of(element, "c") == ""
        assert len(children(element, "a")) == 2
        assert child(element, "c") is None
        assert line_of(element) == 2
