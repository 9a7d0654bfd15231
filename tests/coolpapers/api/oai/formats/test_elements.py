from __future__ import annotations

from lxml import etree

from coolpapers.api.oai.formats.elements import add, add_filled, plain, root, xml_text


def test_text_loses_only_what_xml_cannot_hold() -> None:
    assert xml_text("a\x00\x0b\ud800b\tc\n𝔸") == "ab\tc\n𝔸"


def test_elements_are_in_the_namespace_of_their_parent() -> None:
    element = root("urn:x", "top", schema="https://example.org/x.xsd")
    add(element, "one", 0, some_name="<&\x01>")
    add_filled(element, "two", "")
    written = etree.tostring(element).decode()
    assert 'xmlns="urn:x"' in written
    assert '<one some-name="&lt;&amp;&gt;">0</one>' in written
    assert "two" not in written
    assert etree.tostring(plain("urn:x", "a")) == b'<a xmlns="urn:x"/>'
