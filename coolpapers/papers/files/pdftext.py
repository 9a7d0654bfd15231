"""What can be read from a PDF: its text, and a guess at title, authors and abstract.

Start at :func:`read_pdf`. This module and :mod:`.pdflines` know the PDF library (pdfium through pypdfium2, which reads
a paper in some 50 ms); :mod:`.firstpage` finds title and authors on the first page, :mod:`.ownids` its identifiers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from coolpapers.papers.files.firstpage import authors_of, title_of
from coolpapers.papers.files.ownids import own_ids
from coolpapers.papers.files.pdflines import is_picture, page_lines, tidy

MAX_PAGES = 500  # of text; a thesis has 300
MAX_CHARACTERS = 2_000_000
MIN_CHARACTERS = 200  # less text than this on a page that is a picture is a stray header
MAX_ABSTRACT = 5_000

# pdfium keeps global state and must not be entered by two threads.
_LOCK = threading.Lock()

_ABSTRACT = re.compile(r"^\s*(?:abstract|summary|摘\s*要)\s*[.:—–-]*\s*", re.IGNORECASE | re.MULTILINE)
_AFTER_ABSTRACT = re.compile(
    r"^\s*(?:(?:\d+|I)\s*[.:]?\s*introduction\b|introduction\s*$|key\s?words\b|index terms\b|ccs concepts\b"
    r"|acm reference|1\s+[A-Z][a-z]+|关键词|1\s*引言)",
    re.IGNORECASE | re.MULTILINE,
)


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
    is_picture: bool = False  # an image fills the first page

    @property
    def has_text(self) -> bool:
        """Whether there is a text layer; a scan has none until text recognition (OCR) is run on it.

        Little text is that of a short paper, or where the page is a picture the header that a scanner wrote.
        """
        return len(self.text) >= MIN_CHARACTERS or bool(self.text and not self.is_picture)


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
    first = document[0]
    lines, picture = page_lines(first), is_picture(first)
    first.close()
    pages = list(_page_texts(document))
    text = "\n\n".join(pages).strip()
    first_page = pages[0] if pages else ""
    metadata = document.get_metadata_dict()
    title, title_end = title_of(lines, tidy(metadata.get("Title", "")))
    arxiv_id, doi = own_ids(first_page.splitlines(), title)
    return PdfText(
        title=title,
        authors=authors_of(lines[title_end:], tidy(metadata.get("Author", ""))),
        abstract=_abstract("\n".join(pages[:2])),
        arxiv_id=arxiv_id,
        doi=doi,
        text=text,
        n_pages=n_pages,
        is_picture=picture,
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


def _abstract(text: str) -> str:
    start = _ABSTRACT.search(text)
    if start is None:
        return ""
    rest = text[start.end() : start.end() + 2 * MAX_ABSTRACT]
    end = _AFTER_ABSTRACT.search(rest)
    body = tidy(rest[: end.start()] if end else rest.split("\n\n")[0])
    if len(body) > MAX_ABSTRACT:
        body = body[:MAX_ABSTRACT].rsplit(". ", 1)[0] + "."
    return body if len(body) >= 40 else ""
