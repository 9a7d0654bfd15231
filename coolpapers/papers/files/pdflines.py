"""Lines of a PDF page with their place and type size, as pdfium tells them."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw as pdfium

MAX_CHARACTERS = 20_000  # of a page; the densest have some 10,000
_UPRIGHT = 0.1  # radians; text at a larger angle is a stamp or a watermark
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. ``x`` and ``y`` are of its first character, in points from the lower left corner."""

    text: str
    size: float  # of most of its characters, in points as printed
    x: float = 0.0
    y: float = 0.0


def page_lines(page: pypdfium2.PdfPage) -> list[Line]:
    """Lines from the top of the page down; text that stands upright (arXiv's stamp) is left out."""
    textpage = page.get_textpage()
    try:
        lines = list(_read_lines(textpage))
    finally:
        textpage.close()
    return sorted(lines, key=lambda line: (-round(line.y), line.x))


def is_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether an image covers most of the page, as in a scan."""
    width, height = page.get_size()
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = item.get_bounds()
        if (right - left) * (top - bottom) > 0.5 * width * height:
            return True
    return False


def _read_lines(textpage: pypdfium2.PdfTextPage) -> Iterator[Line]:
    text: list[str] = []
    sizes: list[float] = []
    place: tuple[float, float] | None = None
    for index in range(min(textpage.count_chars(), MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code in (10, 13):
            if place is not None:
                yield _line(text, sizes, place)
            text, sizes, place = [], [], None
            continue
        if code in (0, 2, 0xFFFE) or abs(pdfium.FPDFText_GetCharAngle(textpage, index)) > _UPRIGHT:
            continue
        text.append(chr(code))
        if not chr(code).isspace():
            sizes.append(_size(textpage, index))
            place = place or _origin(textpage, index)
    if place is not None:
        yield _line(text, sizes, place)


def _line(text: list[str], sizes: list[float], place: tuple[float, float]) -> Line:
    return Line(tidy("".join(text)), max(set(sizes), key=sizes.count), *place)


def _size(textpage: pypdfium2.PdfTextPage, index: int) -> float:
    """The size as printed: programs set a font of one point and enlarge it by the text's matrix."""
    size = float(pdfium.FPDFText_GetFontSize(textpage, index))
    matrix = pdfium.FS_MATRIX()
    if pdfium.FPDFText_GetMatrix(textpage, index, ctypes.byref(matrix)):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    return round(size, 1)


def _origin(textpage: pypdfium2.PdfTextPage, index: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(textpage, index, ctypes.byref(x), ctypes.byref(y))
    return x.value, y.value


def tidy(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())
