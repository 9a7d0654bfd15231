from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coolpapers.papers.sources.loose_xml import mend_xml

texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))


@given(text=texts)
def test_a_well_formed_document_means_the_same(text: str) -> None:
    root = etree.Element("a", title=text)
    root.text = text
    for encoding in ("utf-8", "utf-16", "ascii"):
        data = etree.tostring(root, xml_declaration=True, encoding=encoding)
        assert isinstance(data, bytes)
        mended = etree.fromstring(mend_xml(data))
        assert (mended.text or "", mended.get("title")) == (text, etree.fromstring(data).get("title"))


@given(data=st.binary())
def test_any_bytes_become_text_that_xml_has_room_for(data: bytes) -> None:
    content = mend_xml(data.replace(b"<", b"").replace(b"]]>", b"")).decode()
    etree.fromstring(f"<a>{content}</a>")


@pytest.mark.parametrize("encoding", ["klingon", "utf8", "US-ASCII"])
def test_an_encoding_that_python_may_not_have(encoding: str) -> None:
    assert etree.fromstring(mend_xml(f"<?xml version='1.0' encoding='{encoding}'?><a>x</a>".encode())).text == "x"
