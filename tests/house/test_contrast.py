"""Colours of both themes keep the contrast that WCAG 2.2 asks for (AA): text 4.5, borders of controls and focus 3."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT

PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
GROUNDS = ("page", "surface", "surface-sunken")
TEXTS = ("ink", "ink-soft", "ink-faint", "link", "visited", "accent", "alert")
EDGES = ("border-strong", "focus")


def colours(theme: str) -> dict[str, str]:
    text = (ROOT / "static/css/page/variables.css").read_text(encoding="utf-8")
    return {name: light if theme == "light" else dark for name, light, dark in PAIR.findall(text)}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_agrees_with_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_edges_stand_out_from_every_ground(theme: str) -> None:
    palette = colours(theme)
    weak = {
        f"{name} on {ground}: {ratio:.2f}"
        for names, least in ((TEXTS, 4.5), (EDGES, 3))
        for name in names
        for ground in GROUNDS
        if (ratio := contrast(palette[name], palette[ground])) < least
    }
    weak |= {name for name in ("ink", "ink-soft", "link", "visited") if contrast(palette[name], palette["mark"]) < 4.5}
    assert weak == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_the_themes_is_checked(theme: str) -> None:
    # decorative lines need no contrast
    assert set(colours(theme)) == {*GROUNDS, *TEXTS, *EDGES, "mark", "line"}
