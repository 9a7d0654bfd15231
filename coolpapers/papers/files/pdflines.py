"""Lines of a PDF page with their place and type size, as pdfium tells them."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw as pdfium

MAX_CHARACTERS = 20_000  # of a page; the densest have some 10,000
_SMALL, _RAISED = 0.8, 0.15  # of the type size of a line: a superscript
# Accents that TeX's old fonts set before a letter, with the characters that join it.
_COMBINING = {
    "´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˘": "\u0306", "¯": "\u0304",
    "˙": "\u0307", "˝": "\u030b", "¸": "\u0327", "˚": "\u030a", "˛": "\u0328",
}  # fmt: skip
_SPACING_ACCENT = re.compile(r"([´¨ˆ˜ˇ˘¯˙˝¸˚˛])([A-Za-zıȷ])")
_UPRIGHT = 0.1  # radians; text at a larger angle is a stamp or a watermark
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. ``x`` and ``y`` are of its first character, in points from the lower left corner."""

    text: str
    size: float  # of most of its characters, in points as printed
    x: float = 0.0
    y: float = 0.0
    marked: str = ""  # the text with raised small letters and digits as †, where it has some

    @property
    def text_of_names(self) -> str:
        """The text in which no letter of an affiliation joins a name: ``Ann Alpha†``, not ``Ann Alphaa``."""
        return self.marked or self.text


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
    sizes: list[tuple[float, int, int]] = []  # size of a character, its index in the page, its place in the line
    place: tuple[float, float] | None = None
    for index in range(min(textpage.count_chars(), MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code in (10, 13):
            if place is not None:
                yield _line(textpage, text, sizes, place)
            text, sizes, place = [], [], None
            continue
        if code in (0, 2, 0xFFFE) or abs(pdfium.FPDFText_GetCharAngle(textpage, index)) > _UPRIGHT:
            continue
        text.append(chr(code))
        if not chr(code).isspace():
            sizes.append((_size(textpage, index), index, len(text) - 1))
            place = place or _origin(textpage, index)
    if place is not None:
        yield _line(textpage, text, sizes, place)


def _line(
    textpage: pypdfium2.PdfTextPage, text: list[str], sizes: list[tuple[float, int, int]], place: tuple[float, float]
) -> Line:
    plain = [size for size, *_ in sizes]
    main = max(set(plain), key=plain.count)
    small = [(index, position) for size, index, position in sizes if size <= _SMALL * main]
    if not small or len(small) == len(sizes):
        return Line(tidy("".join(text)), main, *place)
    baseline = next(_origin(textpage, index)[1] for size, index, _ in sizes if size == main)
    marked = list(text)
    for index, position in small:
        if text[position].isalnum() and _origin(textpage, index)[1] > baseline + _RAISED * main:
            marked[position] = "†"
    return Line(tidy("".join(text)), main, *place, marked=tidy("".join(marked)) if marked != text else "")


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
    """With single spaces, without controls, and with the letters of old TeX fonts, ``M´arquez``, composed."""
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if text.isascii() else _SPACING_ACCENT.sub(_composed, text)


def _composed(match: re.Match[str]) -> str:
    letter = {"ı": "i", "ȷ": "j"}.get(match[2], match[2])
    composed = unicodedata.normalize("NFC", letter + _COMBINING[match[1]])
    return composed if len(composed) == 1 else match[0]
