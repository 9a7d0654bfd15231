"""How good and how fast is the renderer, on real summaries and abstracts and on the shared cases?

    python -m bench.reading.bench_render [speed] [quality] [abstracts] [cases]

Prints one JSON object with the named sections (default: all). Formulas are checked by MathJax if ``make`` has installed
it.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")

import django

django.setup()

from bench.reading import render_quality, render_speed  # noqa: E402 - after Django's set-up

SECTIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "speed": lambda: {
        "summaries": render_speed.summaries_speed(),
        "abstracts": render_speed.abstracts_speed(),
        "adversarial": render_speed.adversarial_speed(),
    },
    "quality": render_quality.summaries_quality,
    "abstracts": render_quality.abstracts_quality,
    "cases": render_quality.case_rates,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], default=list(SECTIONS))
    sections = parser.parse_args().sections
    print(json.dumps({name: SECTIONS[name]() for name in sections}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
