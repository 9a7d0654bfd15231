from __future__ import annotations

import codecs
import io

import pytest

from coolpapers.papers.errors import SourceFormatError
from coolpapers.papers.sources.encoding import encoding_of, text_chunks


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"@article{k,", "utf-8"),
        (codecs.BOM_UTF8 + b"@article{k,", "utf-8-sig"),
        ("@article".encode("utf-16"), "utf-16"),
        ("@article".encode("utf-32"), "utf-32"),
        (b"% Encoding: Cp1252\n@article{k, title={\xe9}", "cp1252"),
        (b"%% This file was written by hand -*- coding: latin-1 -*-\n\xe9", "iso8859-1"),
        (b"% !TeX encoding = MacRoman\n\x8e", "mac-roman"),
        ("% Encoding: ISO8859_1\n@article{k, title={é}".encode(), "utf-8"),
        (b"% Encoding: UTF-8\n\xe9", "utf-8"),
        ("% Encoding: hex\né".encode(), "utf-8"),
    ],
)
def test_the_encoding_is_told_by_mark_or_declaration(head: bytes, encoding: str) -> None:
    assert encoding_of(head) == encoding


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"% Encoding: klingon\n\xe9", "declares the encoding 'klingon', which is not read; save it as UTF-8"),
        ("@article{k".encode("utf-16-le"), "UTF-16 without a byte order mark; save it as UTF-8"),
    ],
)
def test_an_encoding_that_is_not_read_is_named(head: bytes, message: str) -> None:
    with pytest.raises(SourceFormatError, match=message):
        encoding_of(head)


def test_line_ends_become_one_kind_and_foreign_bytes_stay_visible() -> None:
    assert "".join(text_chunks(io.BytesIO(b"a\r\nb\rc\n\xe9"))) == "a\nb\nc\n\udce9"
    assert list(text_chunks(io.BytesIO(b""))) == []
