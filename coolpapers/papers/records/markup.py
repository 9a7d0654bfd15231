r"""HTML and JATS markup in titles and abstracts as the TeX that the catalogue's texts are written in. Pure.

``<i>E. coli</i>`` becomes ``\emph{E. coli}``, ``CO<sub>2</sub>`` becomes ``CO$_2$``, MathML a formula. Only pairs of
tags that Crossref, JATS and reference managers use are read: ``a < b`` and an unclosed ``<b>`` stay text.
"""

from __future__ import annotations

import re

from coolpapers.papers.records.mathml import plain_tex, tex_of_mathml

_COMMANDS = {
    "i": "emph", "em": "emph", "italic": "emph", "b": "textbf", "bold": "textbf", "strong": "textbf", "tt": "texttt",
    "code": "texttt", "monospace": "texttt", "sc": "textsc", "small-caps": "textsc", "scp": "textsc",
}  # fmt: skip
_SCRIPTS = {"sub": "_", "inf": "_", "subscript": "_", "sup": "^", "superscript": "^"}
_SCRIPT_COMMANDS = {"_": "textsubscript", "^": "textsuperscript"}
_PARAGRAPHS = frozenset({"p", "sec", "div", "li", "ul", "ol", "abstract", "list", "list-item", "section"})
_HEADINGS = frozenset({"title", "h1", "h2", "h3", "h4"})
# Their content stays, they go.
_PLAIN_TAGS = (
    "span font u underline a ext-link xref named-content styled-content roman sans-serif inline-formula disp-formula "
    "alternatives q small big overline abbrev label"
)
_PLAIN = frozenset(_PLAIN_TAGS.split())
_SINGLE = frozenset({"br", "break", "hr"})
_KNOWN = {*_COMMANDS, *_SCRIPTS, *_PARAGRAPHS, *_HEADINGS, *_PLAIN, *_SINGLE, "math", "tex-math"}
_NAMES = "|".join(sorted(map(re.escape, _KNOWN), key=len, reverse=True))
_TAG = re.compile(rf"<(/?)(?:jats:|mml:|m:|html:)?({_NAMES})(?:\s[^<>]*)?(/?)>", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"<!--[^<>]{0,10000}-->|<!\[CDATA\[|\]\]>")
# A subscript and a superscript of one letter, which side by side would look like a display: x$_i$$^2$.
_TWO_SCRIPTS = re.compile(r"\$(_(?:\{[^{}$]*\}|[^{}$]))\$\$(\^(?:\{[^{}$]*\}|[^{}$]))\$")
_SIMPLE_SCRIPT = re.compile(r"[\w+\-−–.,*′ ]{1,12}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OWN_HEADINGS = frozenset({"abstract", "summary", "résumé", "zusammenfassung"})


def has_markup(text: str) -> bool:
    """Whether there is a tag that :func:`read_markup` reads; cheap for text without ``<``."""
    return "<" in text and (_TAG.search(text) is not None or "<!" in text)


def read_markup(text: str) -> str:
    r"""The text with markup as TeX; paragraphs are parted by blank lines.

    >>> read_markup("<i>Drosophila</i> and CO<sub>2</sub>")
    '\\emph{Drosophila} and CO$_2$'
    """
    text = _NOT_SHOWN.sub("", text)
    pieces: list[str] = []
    opened: list[tuple[str, int]] = []  # name, and the place of its opening tag in pieces
    start = 0
    for tag in _TAG.finditer(text):
        pieces.append(text[start : tag.start()])
        start = tag.end()
        name = tag[2].lower()
        if name in _SINGLE:
            pieces.append(" ")
        elif tag[3]:
            continue
        elif not tag[1]:
            opened.append((name, len(pieces)))
            pieces.append(tag.group())
        else:
            _close(name, tag.group(), opened, pieces)
    pieces.append(text[start:])
    return _TWO_SCRIPTS.sub(r"$\1\2$", "".join(pieces))


def _close(name: str, tag: str, opened: list[tuple[str, int]], pieces: list[str]) -> None:
    """Replace an element that ends here by its TeX; a closing tag that nothing opened stays text."""
    if not opened or opened[-1][0] != name:
        if all(other != name for other, _ in opened[-8:]):
            pieces.append(tag)
            return
        while opened[-1][0] != name:  # an element inside was not closed: its tag stays text
            opened.pop()
    _, place = opened.pop()
    inner = "".join(pieces[place:]) + tag if name == "math" else "".join(pieces[place + 1 :])
    del pieces[place:]
    pieces.append(_write(name, inner))


def _write(name: str, inner: str) -> str:
    if name == "math":
        tex = tex_of_mathml(inner)
        return f"${tex}$" if tex else ""
    if name == "tex-math":
        tex = plain_tex(inner)
        return f"${tex}$" if tex else ""
    if name in _PARAGRAPHS:
        return f"\n\n{inner}\n\n"
    if name in _HEADINGS:
        return "" if inner.strip().lower().rstrip(".:") in _OWN_HEADINGS else f"\n\n{inner}\n\n"
    if not inner.strip() or name in _PLAIN:
        return inner
    if name in _SCRIPTS:
        return _script(_SCRIPTS[name], inner.strip())
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{before}\\{_COMMANDS[name]}{{{inner.strip()}}}{after}"


def _script(mark: str, inner: str) -> str:
    """A number or sign as a formula, as TeX's authors write it (``CO$_2$``); words as a text script."""
    if _SIMPLE_SCRIPT.fullmatch(inner) and not _WORD.search(inner):
        inner = inner.replace("−", "-").replace("–", "-")
        return f"${mark}{inner}$" if len(inner) == 1 else f"${mark}{{{inner}}}$"
    return f"\\{_SCRIPT_COMMANDS[mark]}{{{inner}}}"
