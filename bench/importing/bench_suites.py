"""How many titles, authors, years and identifiers of other projects' test suites the import reads as they expect.

    python -m bench.importing.bench_suites better_bibtex PATH [--wrong]

PATH is the git directory of a snapshot of the project: Better BibTeX (better_bibtex), Zotero's translators
(zotero_translator), JabRef (jabref_names, jabref_dois, jabref_pdfs), arXiv's base library (arxiv_lines). Nothing of
theirs is kept here.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    from bench.importing.suites import SUITES  # after the settings are named

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=sorted(SUITES))
    parser.add_argument("repository", type=Path, help="the git directory of a snapshot")
    parser.add_argument("--wrong", action="store_true", help="list what differs")
    options = parser.parse_args()
    rates = SUITES[options.suite](options.repository)
    print(json.dumps({options.suite: rates.report()}, indent=1))
    for where, name, found, wanted in rates.wrong if options.wrong else ():
        print(f"{where}\n  {name}: {found!r}\n  expected {wanted!r}")


if __name__ == "__main__":
    main()
