"""MathML of publishers' titles and abstracts as TeX between dollars. Pure.

TeX that the formula carries (``alttext``, an annotation) is taken as it is; else the presentation elements that titles
use are written in TeX: https://www.w3.org/TR/mathml-core/
"""

from __future__ import annotations

import re

from lxml import etree

MAX_LENGTH = 20_000  # characters of markup of one formula
_NAMESPACE_PREFIX = re.compile(r"(</?)[A-Za-z]+:")
_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_NUMBER_OR_SIGN = re.compile(r"[^\W\d_]{2,}")
# Two arguments: base and script, numerator and denominator.
_PAIRS = {
    "msub": "{0}_{{{1}}}",
    "msup": "{0}^{{{1}}}",
    "mfrac": r"\frac{{{0}}}{{{1}}}",
    "mroot": r"\sqrt[{1}]{{{0}}}",
    "munder": r"\underset{{{1}}}{{{0}}}",
    "mover": r"\overset{{{1}}}{{{0}}}",
}
_ACCENTS = {"¯": "bar", "‾": "bar", "~": "tilde", "˜": "tilde", "^": "hat", "ˆ": "hat", "→": "vec", "˙": "dot"}
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064"))


def tex_of_mathml(markup: str) -> str:
    """TeX of a ``<math>`` element, without dollars; empty where the markup is damaged or too long."""
    if len(markup) > MAX_LENGTH:
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(_NAMESPACE_PREFIX.sub(r"\1", markup).encode(), parser)
    except etree.XMLSyntaxError:
        return ""
    return " ".join(_carried(root).split() or _tex(root).split()) if root is not None else ""


def plain_tex(text: str) -> str:
    """The formula in JATS's ``<tex-math>``, which may be a whole document with dollars of its own."""
    document = _DOCUMENT.search(text)
    return (document[1] if document else text).strip().strip("$").strip()


def _carried(root: etree._Element) -> str:
    alternative = root.get("alttext") or ""
    for element in root.iter("{*}annotation"):
        if "tex" in (element.get("encoding") or "").lower():
            alternative = element.text or alternative
    return plain_tex(alternative)


def _tex(element: etree._Element) -> str:
    tag = etree.QName(element).localname if isinstance(element.tag, str) else ""
    text = (element.text or "").translate(_INVISIBLE).strip()
    parts = [_tex(child) for child in element]
    if tag in ("annotation", "annotation-xml", ""):
        return ""
    if tag in ("mi", "mn", "mo", "ms"):
        return rf"\mathrm{{{text}}}" if tag == "mi" and _NUMBER_OR_SIGN.fullmatch(text) else text
    if tag == "mtext":
        return rf"\text{{{text}}}" if text else ""
    if tag == "mover" and len(parts) == 2 and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    if tag in _PAIRS and len(parts) == 2:
        return _PAIRS[tag].format(_base(parts[0]), parts[1])
    if tag == "msubsup" and len(parts) == 3:
        return f"{_base(parts[0])}_{{{parts[1]}}}^{{{parts[2]}}}"
    inner = text + " ".join(part for part in parts if part)
    return rf"\sqrt{{{inner}}}" if tag == "msqrt" else inner


def _base(tex: str) -> str:
    """A base of several signs in braces, so that the script stands at all of it."""
    return tex if len(tex) == 1 or tex.startswith("\\") else f"{{{tex}}}"
