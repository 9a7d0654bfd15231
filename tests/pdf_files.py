"""Small PDF files for tests, written by hand: Helvetica text at given places, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

# x and y in points from the lower left corner, type size, text
Placed = tuple[float, float, float, str]


def make_pdf(pages: Sequence[Sequence[Placed]], *, title: str = "", author: str = "") -> bytes:
    """A PDF 1.4 file; a page without text is a blank one, as a scan without text layer is to a reader."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for page in pages:
        content = b"".join(_show(*placed) for placed in page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(b"<< /Title (%s) /Author (%s) >>" % (_literal(title), _literal(author)))
    return _assemble(objects)


def make_paper_pdf(
    title: Sequence[str] = ("A Long Title About the Shapes", "of Small Things"),
    authors: str = "Ada Lovelace, Ludwig van der Vaart",
    abstract: Sequence[str] = (
        "We study the shapes of small things and show that each of them is",
        "smaller than it looks. The proof is short and uses nothing but counting.",
    ),
    *,
    stamp: str = "",
    n_pages: int = 1,
) -> bytes:
    """The first page of a paper: title in 18 points, authors, abstract, the beginning of the text."""
    lines: list[Placed] = [(72, 700 - 22 * n, 18, line) for n, line in enumerate(title)]
    lines += [(72, 640, 12, authors), (72, 624, 10, "University of Somewhere"), (72, 600, 11, "Abstract")]
    lines += [(72, 584 - 12 * n, 10, line) for n, line in enumerate(abstract)]
    lines += [(72, 500, 12, "1 Introduction")]
    lines += [(72, 480 - 12 * n, 10, f"This sentence number {n} fills the page with words.") for n in range(20)]
    if stamp:
        lines.append((72, 40, 9, stamp))
    more = [
        [(72, 700 - 12 * n, 10, f"Page {p} line {n} goes on and on.") for n in range(40)] for p in range(1, n_pages)
    ]
    return make_pdf([lines, *more])


def _show(x: float, y: float, size: float, text: str) -> bytes:
    return b"BT /F1 %.1f Tf %.1f %.1f Td (%s) Tj ET\n" % (size, x, y, _literal(text))


def _literal(text: str) -> bytes:
    encoded = text.encode("cp1252")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(objects),
        table,
    )
    return bytes(out)
