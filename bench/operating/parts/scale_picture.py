"""The report of bench_scale as a picture: SVG without scripts, styles or fonts of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

Entry = dict[str, Any]
Series = tuple[str, Callable[[Entry], float]]

PANELS: tuple[tuple[str, tuple[Series, ...]], ...] = (
    (
        "Page, ms of CPU",
        (
            ("search, median", lambda entry: entry["pages"]["bm25"]["cpu_p50_ms"]),
            ("search, 95 %", lambda entry: entry["pages"]["bm25"]["cpu_p95_ms"]),
            ("list over years, 95 %", lambda entry: entry["pages"]["list_range"]["cpu_p95_ms"]),
        ),
    ),
    (
        "Papers a CPU second",
        (
            ("import", lambda entry: entry["import"]["papers_per_cpu_s"]),
            ("index", lambda entry: entry["index"]["papers_per_cpu_s"]),
        ),
    ),
    (
        "Peak memory, MB",
        (
            ("import", lambda entry: entry["import"]["peak_mb"]),
            ("index", lambda entry: entry["index"]["peak_mb"]),
        ),
    ),
    (
        "On disk, MB",
        (("database", lambda entry: entry["database_mb"]), ("index", lambda entry: entry["index_mb"])),
    ),
)
WIDTH, HEIGHT = 300, 220  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 58
COLORS = ("#1f5fae", "#b4531a", "#3d7a3d")
INK = "#555555"


def draw(entries: Sequence[Entry]) -> str:
    """Panels side by side, two in a row; the horizontal axis is the number of papers."""
    rows = (len(PANELS) + 1) // 2
    panels = [
        f'<g transform="translate({WIDTH * (number % 2)} {HEIGHT * (number // 2)})">{_panel(title, lines, entries)}</g>'
        for number, (title, lines) in enumerate(PANELS)
    ]
    size = f'viewBox="0 0 {2 * WIDTH} {HEIGHT * rows}" width="{2 * WIDTH}" height="{HEIGHT * rows}"'
    title = "<title>How import, index, pages and size grow with the library</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">{title}'
    background = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f"{head}{background}{''.join(panels)}</svg>\n"


def _panel(title: str, series: Sequence[Series], entries: Sequence[Entry]) -> str:
    sizes = [entry["n_papers"] for entry in entries]
    values = [[value(entry) for entry in entries] for _name, value in series]
    top = _round_up(max(max(line) for line in values))
    parts = [f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>']
    for step in range(5):
        y = _y(top * step / 4, top)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{top * step / 4:,.0f}</text>'
        )
    for size in sizes:
        x = _x(size, sizes[-1])
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle" fill="{INK}">{_short(size)}</text>'
        )
    for place, ((name, _value), line) in enumerate(zip(series, values, strict=True)):
        color = COLORS[place]
        points = [(_x(size, sizes[-1]), _y(value, top)) for size, value in zip(sizes, line, strict=True)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points]
        x, y = LEFT + 120 * (place % 2), HEIGHT - 24 + 14 * (place // 2)
        parts.append(f'<text x="{x}" y="{y}" fill="{color}">● {escape(name)}</text>')
    return "".join(parts)


def _x(size: int, largest: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * size / largest


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _round_up(value: float) -> float:
    """The next value of the form 1, 2, 4 or 8 times a power of ten: a quarter of it is a round number."""
    power = 1.0
    while power * 10 < value:
        power *= 10
    return next(power * factor for factor in (1, 2, 4, 8, 10) if power * factor >= value)


def _short(size: int) -> str:
    return f"{size / 1e6:g} M" if size >= 1e6 else f"{size / 1000:.0f} k"
