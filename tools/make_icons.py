"""Draw ``static/img/logo.svg`` as ``favicon.ico`` (16, 32 and 48 pixels) and ``icon.png`` (180 pixels).

``python tools/make_icons.py`` after a change of the logo; a test compares the files. The logo has rectangles with
round corners, lines with round ends, and circles, whose distances from a pixel are known exactly: no library is needed.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).resolve().parents[1] / "static" / "img"
ICO_SIZES = (16, 32, 48)
PNG_SIZE = 180

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """``distance`` of a point from the edge, in units of the drawing; negative inside."""

    distance: Callable[[float, float], float]
    colour: Colour


def read_shapes(svg: str) -> Iterator[Shape]:
    """The shapes of the drawing, the lowest first. Raises ValueError for what it cannot draw."""
    for element in ET.fromstring(svg):
        kind, attributes = element.tag.rpartition("}")[2], element.attrib
        numbers = {name: float(value) for name, value in attributes.items() if re.fullmatch(r"[\d.]+", value)}
        if kind == "rect":
            yield Shape(_rectangle(numbers), _colour(attributes["fill"]))
        elif kind == "circle":
            radius, half = numbers["r"], numbers.get("stroke-width", 0.0) / 2
            yield Shape(_disc(numbers["cx"], numbers["cy"], radius + half), _colour(attributes["stroke"]))
            yield Shape(_disc(numbers["cx"], numbers["cy"], radius - half), _colour(attributes["fill"]))
        elif kind == "path":
            for line in _lines(attributes["d"]):
                yield Shape(_capsule(*line, numbers["stroke-width"] / 2), _colour(attributes["stroke"]))
        else:
            raise ValueError(f"The logo has a {kind}, which cannot be drawn.")


def draw(shapes: list[Shape], size: int, *, side: float = 24.0) -> bytes:
    """RGBA rows of a square of ``size`` pixels; ``side`` is that of the drawing."""
    unit = side / size
    pixels = bytearray()
    for row in range(size):
        for column in range(size):
            pixels += bytes(_pixel(shapes, (column + 0.5) * unit, (row + 0.5) * unit, unit))
    return bytes(pixels)


def png(pixels: bytes, size: int) -> bytes:
    rows = b"".join(b"\0" + pixels[start : start + 4 * size] for start in range(0, len(pixels), 4 * size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def ico(images: dict[int, bytes]) -> bytes:
    """An icon of several sizes, each as PNG."""
    head = struct.pack("<HHH", 0, 1, len(images))
    entries, at = b"", len(head) + 16 * len(images)
    for size, image in images.items():
        entries += struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(image), at)
        at += len(image)
    return head + entries + b"".join(images.values())


def _pixel(shapes: list[Shape], x: float, y: float, unit: float) -> tuple[int, int, int, int]:
    """What covers the point, blended by the part of the pixel that each shape covers."""
    red = green = blue = alpha = 0.0
    for shape in shapes:
        cover = min(1.0, max(0.0, 0.5 - shape.distance(x, y) / unit))
        if cover:
            red, green, blue = (
                cover * new + (1 - cover) * old for new, old in zip(shape.colour, (red, green, blue), strict=True)
            )
            alpha = cover + (1 - cover) * alpha
    scale = 1 / alpha if alpha else 0.0  # the colours are weighted by what they cover
    return (
        min(255, round(red * scale)),
        min(255, round(green * scale)),
        min(255, round(blue * scale)),
        round(alpha * 255),
    )


def _rectangle(n: dict[str, float]) -> Callable[[float, float], float]:
    radius = n.get("rx", 0.0)
    cx, cy, half_w, half_h = n["x"] + n["width"] / 2, n["y"] + n["height"] / 2, n["width"] / 2, n["height"] / 2

    def distance(x: float, y: float) -> float:
        dx, dy = abs(x - cx) - half_w + radius, abs(y - cy) - half_h + radius
        return math.hypot(max(dx, 0.0), max(dy, 0.0)) + min(max(dx, dy), 0.0) - radius

    return distance


def _disc(cx: float, cy: float, radius: float) -> Callable[[float, float], float]:
    return lambda x, y: math.hypot(x - cx, y - cy) - radius


def _capsule(x1: float, y1: float, x2: float, y2: float, radius: float) -> Callable[[float, float], float]:
    def distance(x: float, y: float) -> float:
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2
        along = min(1.0, max(0.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        return math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)) - radius

    return distance


def _lines(path: str) -> Iterator[tuple[float, float, float, float]]:
    """Lines of a path of ``M``, ``m``, ``h`` and relative lines."""
    x = y = 0.0
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
        if command == "h":
            yield x, y, x + numbers[0], y
            x += numbers[0]
            continue
        if command not in "Mm":
            raise ValueError(f"The logo has a path with {command}, which cannot be drawn.")
        x, y = numbers[0] + (x if command == "m" else 0), numbers[1] + (y if command == "m" else 0)
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            yield x, y, x + dx, y + dy
            x, y = x + dx, y + dy


def _colour(text: str) -> Colour:
    digits = text.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def make_icons(svg: str) -> dict[str, bytes]:
    """Content by name of file."""
    shapes = list(read_shapes(svg))
    images = {size: png(draw(shapes, size), size) for size in ICO_SIZES}
    return {"favicon.ico": ico(images), "icon.png": png(draw(shapes, PNG_SIZE), PNG_SIZE)}


if __name__ == "__main__":
    for name, content in make_icons((FOLDER / "logo.svg").read_text(encoding="utf-8")).items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
