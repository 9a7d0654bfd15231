"""Do exported bibliographies compile, and can a text of theirs act?

    python -m bench.citing.bench_latex SHARED/papers.jsonl.gz [--style plain --style biblatex] [--show 10]

Needs a LaTeX (Debian: texlive-latex-base; for biblatex also texlive-bibtex-extra and biber). 500 hostile entries, which
try to read and write files, run commands and break out of their field, and 2,000 real ones, of which half have TeX or
signs that TeX interprets in their title, are set with every command of the shell allowed. Printed are, by style, errors
by kind, files written and read, and entries with errors.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coolpapers.papers.models import Paper

N_HOSTILE, N_REAL = 500, 2_000
FILE = 50  # entries of a file; TeX gives up after a hundred errors
_ODD = re.compile(r"[\\$%&#_^~{}<>]|--|``|[^\x00-\x7f]")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    import django

    django.setup()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers as JSON Lines")
    parser.add_argument("--style", action="append", help="plain by default; biblatex for biber")
    parser.add_argument("--show", type=int, default=0, help="show so many errors")
    options = parser.parse_args()
    from bench.citing.hostile import hostile_papers

    sets = {"hostile": list(hostile_papers(N_HOSTILE)), "real": real_papers(options.papers)}
    for style in options.style or ["plain"]:
        for name, papers in sets.items():
            print(
                json.dumps(
                    {f"{name}, {style}": measure(papers, style, show=options.show)}, indent=1, ensure_ascii=False
                )
            )


def real_papers(path: Path) -> list[Paper]:
    """The first thousand papers whose titles have signs of TeX or letters beyond ASCII, and as many of the others."""
    from bench.importing.bench_round_trip import read_papers

    odd: list[Paper] = []
    plain: list[Paper] = []
    for number, paper in enumerate(read_papers(path)):
        if _ODD.search(paper.title) and len(odd) < N_REAL // 2:
            odd.append(paper)
        elif number % 10 == 0:
            plain.append(paper)
        if len(odd) == N_REAL // 2 and len(plain) >= N_REAL // 2:
            break
    return odd + list(islice(plain, N_REAL // 2))


def measure(papers: list[Paper], style: str, *, show: int) -> dict[str, Any]:
    from bench.citing.latex import kind_of_error, set_bibliography
    from coolpapers.papers.citations import cite

    settings = []
    for start in range(0, len(papers), FILE):
        with tempfile.TemporaryDirectory() as folder:
            bibliography = cite(papers[start : start + FILE], "bibtex")
            settings.append(set_bibliography(bibliography, Path(folder), style=style))
    errors = [error for setting in settings for error in setting.errors]
    bibtex_errors = [error for setting in settings for error in setting.bibtex_errors]
    kinds = Counter(kind_of_error(message) for _, message in errors)
    report: dict[str, Any] = {
        "entries": len(papers),
        "files": len(settings),
        "files_set": sum(setting.done for setting in settings),
        "errors": dict(kinds.most_common()),
        "entries_with_errors": len({key for key, _ in errors}),
        "bibtex_errors": len(bibtex_errors),
        "foreign_files_written": sorted({name for setting in settings for name in setting.written}),
        "foreign_files_read": sorted({name for setting in settings for name in setting.read}),
    }
    return report | ({"shown": [*errors[:show], *bibtex_errors[:show]]} if show else {})


if __name__ == "__main__":
    main()
