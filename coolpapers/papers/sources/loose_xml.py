"""XML as feed readers accept it: journals write feeds by templates that forget about characters.

Mended are: white space before the declaration, names of HTML's characters (``&nbsp;``), bare ampersands, characters
that XML has no room for, bytes of another encoding than the declared one, and a document type that declares no entity.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PLAIN_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[<>]*>")
_PLAIN_DOCTYPE_ROOM = 2_000  # characters before the root element
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d{1,7});|#[xX](?P<hex>[0-9a-fA-F]{1,6});|(?P<name>\w{1,40});)?")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def mend_xml(data: bytes) -> bytes:
    """The same document in UTF-8, without its declaration. What is well-formed means the same as before."""
    text = _decode(data).lstrip()
    head, rest = text[:_PLAIN_DOCTYPE_ROOM], text[_PLAIN_DOCTYPE_ROOM:]
    text = _PLAIN_DOCTYPE.sub("", _DECLARATION.sub("", head, count=1), count=1) + rest
    parts = _CDATA.split(_ILLEGAL.sub("", text))  # every second one is a section, whose text is none of XML
    parts[::2] = [_REFERENCE.sub(_character, part) for part in parts[::2]]
    return "".join(parts).encode()


def _decode(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "coolpapers-cp1252" if encoding == "utf-8" else "replace")
    declared = _ENCODING.search(data[:500])
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        is_unicode = codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        is_unicode = True
    return data.decode("utf-8", "coolpapers-cp1252") if is_unicode else data.decode(encoding, "replace")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are mostly text pasted from a Windows program."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("coolpapers-cp1252", _as_windows)


def _character(match: re.Match[str]) -> str:
    """A reference as XML knows it; a bare ampersand is one character of the text."""
    name, number = match["name"], match["decimal"] or match["hex"]
    if number:
        code = int(number, 10 if match["decimal"] else 16)
        is_illegal = code > 0x10FFFF or (code < 0x20 and code not in (9, 10, 13)) or _ILLEGAL.match(chr(code))
        return "" if is_illegal else match[0]
    if name in _OF_XML:
        return match[0]
    text = html5.get(f"{name};", "") if name else ""
    return "".join(_ESCAPED.get(character, character) for character in text) or match[0].replace("&", "&amp;", 1)
