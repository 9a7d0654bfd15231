"""What can be read from a PDF: its text, and a guess at title, authors and abstract.

The only module that knows the PDF library (pdfium through pypdfium2, which reads a paper in some 50 ms). Start at
:func:`read_pdf`. Title and authors come from the file's own metadata where those say something, else from the
first page: the title is its largest text, the authors stand between it and the abstract.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from pypdfium2 import raw as pdfium

from search.vocabulary.identifiers import canonical_arxiv, canonical_doi

MAX_PAGES = 500  # of text; a thesis has 300
MAX_CHARACTERS = 2_000_000
MIN_CHARACTERS = 200  # less text than this in a whole file is a scan with a stray header
MAX_ABSTRACT = 5_000

# pdfium keeps global state and must not be entered by two threads.
_LOCK = threading.Lock()

_NO_TITLE = re.compile(
    r"^(?:untitled.*|microsoft \w+ - .*|.*\.(?:dvi|tex|docx?|pdf|ps|indd|qxd)|\W*|title|paper|manuscript|main"
    r"|arxiv:\S+.*|slide \d+.*)$",
    re.IGNORECASE,
)
_ARXIV = re.compile(r"arXiv:\s?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)")
_ABSTRACT = re.compile(r"^\s*(?:abstract|summary|摘\s*要)\s*[.:—–-]*\s*", re.IGNORECASE | re.MULTILINE)
_AFTER_ABSTRACT = re.compile(
    r"^\s*(?:(?:\d+|I)\s*[.:]?\s*introduction\b|introduction\s*$|key\s?words\b|index terms\b|ccs concepts\b"
    r"|acm reference|1\s+[A-Z][a-z]+|关键词|1\s*引言)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_A_NAME = re.compile(
    r"@|https?:|\d{3,}|\b(?:universit\w*|institut\w*|department|dept|school|college|laborator\w*|labs?|research|inc|corp|gmbh"
    r"|center|centre|academy|faculty|email|abstract|proceedings|conference|journal|preprint|under review|published"
    r"|google|microsoft|meta|openai|deepmind)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[\w.'’-]+){1,4}")
_MARKS = re.compile(r"[\d*†‡§¶∗⋆♯♭♮,;]+(?=\s|$|,)|[\u00b9\u00b2\u00b3\u2070-\u2079]+")


class PdfUnreadable(ValueError):
    """The file cannot be read as a PDF; the message says why."""


@dataclass(frozen=True)
class PdfText:
    """A PDF's text and what was guessed from it. Every field but ``n_pages`` may be empty."""

    title: str
    authors: tuple[str, ...]
    abstract: str
    arxiv_id: str
    doi: str
    text: str
    n_pages: int

    @property
    def has_text(self) -> bool:
        """Whether there is a text layer; a scan has none until text recognition (OCR) is run on it."""
        return len(self.text) >= MIN_CHARACTERS


@dataclass(frozen=True)
class _Line:
    text: str
    size: float  # of its characters, in points


def read_pdf(path: Path) -> PdfText:
    """Read a PDF file.

    Raises
    ------
    PdfUnreadable
        If it is not a PDF, is damaged, has a password or no pages.
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as head:
        if b"%PDF-" not in head.read(1024):
            raise PdfUnreadable("not a PDF file")
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as exc:
            reason = "has a password" if "password" in str(exc).lower() else "is damaged or not a PDF"
            raise PdfUnreadable(reason) from exc
        try:
            return _read(document)
        except pypdfium2.PdfiumError as exc:
            raise PdfUnreadable("is damaged: a page cannot be read") from exc
        finally:
            document.close()


def _read(document: pypdfium2.PdfDocument) -> PdfText:
    n_pages = len(document)
    if not n_pages:
        raise PdfUnreadable("has no pages")
    lines = list(_first_page_lines(document))
    pages = list(_page_texts(document))
    text = "\n\n".join(pages).strip()
    first_page = pages[0] if pages else ""
    metadata = document.get_metadata_dict()
    title, title_end = _title(lines, _tidy(metadata.get("Title", "")))
    arxiv, doi = _ARXIV.search(first_page), _DOI.search(first_page)
    return PdfText(
        title=title,
        authors=_authors(_tidy(metadata.get("Author", "")), lines[title_end:]),
        abstract=_abstract("\n".join(pages[:2])),
        arxiv_id=(canonical_arxiv(arxiv[1]) or "") if arxiv else "",
        doi=(canonical_doi(doi[1].rstrip(".,;)")) or "") if doi else "",
        text=text,
        n_pages=n_pages,
    )


def _page_texts(document: pypdfium2.PdfDocument) -> Iterator[str]:
    n_characters = 0
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        textpage = page.get_textpage()
        text = _join_hyphens(textpage.get_text_bounded())
        textpage.close()
        page.close()
        n_characters += len(text)
        if n_characters > MAX_CHARACTERS:
            return
        yield text


def _join_hyphens(text: str) -> str:
    """One line end, no control characters; words that were hyphenated at a line end are whole again."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"(?:\x02|\ufffe|(?<=[a-z])-)\n(?=[a-z])", "", text)  # \x02 and U+FFFE: pdfium's line-end hyphens
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]", "", text)


def _first_page_lines(document: pypdfium2.PdfDocument) -> Iterator[_Line]:
    """Lines of the first page with their type size; text that stands upright (arXiv's stamp) is left out."""
    page = document[0]
    textpage = page.get_textpage()
    text, sizes = "", list[float]()
    for index in range(min(textpage.count_chars(), 20_000)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code in (10, 13):
            if text.strip():
                yield _Line(_tidy(text), max(sizes, key=sizes.count))
            text, sizes = "", []
            continue
        if abs(pdfium.FPDFText_GetCharAngle(textpage, index)) > 0.1 or code in (0, 2, 0xFFFE):
            continue
        text += chr(code)
        if not chr(code).isspace():
            sizes.append(round(pdfium.FPDFText_GetFontSize(textpage, index), 1))
    if text.strip():
        yield _Line(_tidy(text), max(sizes, key=sizes.count))
    textpage.close()
    page.close()


def _title(lines: Sequence[_Line], metadata: str) -> tuple[str, int]:
    """The title and the index of the line after it: the first run of the largest type that reads like a title."""
    start = end = 0
    sizes = sorted({line.size for line in lines[:60]}, reverse=True)
    for size in sizes[:3]:
        for index, line in enumerate(lines[:60]):
            if abs(line.size - size) < 0.3 and not _ARXIV.match(line.text):
                start = end = index
                while end < len(lines) and abs(lines[end].size - size) < 0.3 and end - start < 5:
                    end += 1
                break
        text = " ".join(line.text for line in lines[start:end])
        if len(re.findall(r"[^\W\d_]", text)) >= 8 and len(text.split()) >= 2 and not _NO_TITLE.match(text):
            break
    else:
        start = end = 0
    printed = re.sub(r"(?<=[a-z])- (?=[a-z])", "", " ".join(line.text for line in lines[start:end]))
    if not _NO_TITLE.match(metadata) and " " in metadata:
        return metadata, end
    return printed.rstrip("*†‡∗ "), end


def _authors(metadata: str, lines: Sequence[_Line]) -> tuple[str, ...]:
    names = [name for name in re.split(r"\s*;\s*|\s*,\s*|\s+and\s+", metadata) if _NAME.fullmatch(name)]
    if names:
        return tuple(dict.fromkeys(names))
    for line in lines[:12]:
        if _ABSTRACT.match(line.text):
            break
        if _NOT_A_NAME.search(line.text):
            continue
        parts = re.split(r"\s*[,;·•]\s*|\s+(?:and|&)\s+|\s{3,}", _MARKS.sub(",", line.text))
        found = [part.strip(" ,.*†‡") for part in parts]
        names += [name for name in found if _NAME.fullmatch(name) and name[0].isupper() and len(name) <= 60]
    return tuple(dict.fromkeys(names))


def _abstract(text: str) -> str:
    start = _ABSTRACT.search(text)
    if start is None:
        return ""
    rest = text[start.end() : start.end() + 2 * MAX_ABSTRACT]
    end = _AFTER_ABSTRACT.search(rest)
    body = _tidy(rest[: end.start()] if end else rest.split("\n\n")[0])
    if len(body) > MAX_ABSTRACT:
        body = body[:MAX_ABSTRACT].rsplit(". ", 1)[0] + "."
    return body if len(body) >= 40 else ""


def _tidy(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]", " ", text).split())
