"""The icons are those of the logo."""

from __future__ import annotations

import struct
import zlib

import pytest

from tools.make_icons import FOLDER, ICO_SIZES, PNG_SIZE, draw, make_icons, read_shapes

LOGO = (FOLDER / "logo.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_files_are_made_from_the_logo_of_today() -> None:
    """Run ``python tools/make_icons.py`` after a change of the logo."""
    made = make_icons(LOGO)
    for name, content in made.items():
        stored = (FOLDER / name).read_bytes()
        assert _inflated(stored) == _inflated(content), name  # zlib's versions compress differently


def test_sizes_are_those_that_browsers_ask_for() -> None:
    icon = (FOLDER / "favicon.ico").read_bytes()
    assert struct.unpack("<HHH", icon[:6]) == (0, 1, len(ICO_SIZES))
    for number, size in enumerate(ICO_SIZES):
        entry = struct.unpack("<BBBBHHII", icon[6 + 16 * number : 22 + 16 * number])
        assert entry[:2] == (size, size)
        assert icon[entry[7] :][1:4] == b"PNG"
    assert struct.unpack(">II", (FOLDER / "icon.png").read_bytes()[16:24]) == (PNG_SIZE, PNG_SIZE)


def test_shapes_cover_one_another_and_edges_are_smooth() -> None:
    circle = '<circle cx="12" cy="12" r="2" fill="#00f" stroke="#00f"/>'
    svg = f'<svg><rect x="6" y="6" width="12" height="12" fill="#ff0000"/>{circle}</svg>'
    pixels = draw(list(read_shapes(svg)), 24)
    at = {(x, y): tuple(pixels[4 * (24 * y + x) :][:4]) for x, y in ((0, 0), (8, 8), (11, 11))}
    assert at == {(0, 0): (0, 0, 0, 0), (8, 8): (255, 0, 0, 255), (11, 11): (0, 0, 255, 255)}
    half = draw(list(read_shapes('<svg><rect x="6.5" y="0" width="17" height="24" fill="#fff"/></svg>')), 24)
    assert 100 < half[4 * (24 * 12 + 6) + 3] < 156


def test_what_it_cannot_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="ellipse"):
        list(read_shapes("<svg><ellipse/></svg>"))
    with pytest.raises(ValueError, match="with C"):
        list(read_shapes('<svg><path d="M0 0C1 1 2 2 3 3" stroke="#fff" stroke-width="1"/></svg>'))


def _inflated(icon: bytes) -> list[bytes]:
    """The pixels of each image of a file."""
    return [zlib.decompressobj().decompress(part) for part in icon.split(b"IDAT")[1:]]
