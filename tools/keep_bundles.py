"""Bundle our own scripts and style sheets into ``build/bundles``, so that the site itself needs no Node.js.

``make run`` and ``make install`` run it after ``tools/fetch_assets.py``, whenever a source has changed.
"""

from __future__ import annotations

from coolpapers.base.storage import keep_bundles, read_own_assets
from tools.node import ROOT, find_programs, remove_copy


def main() -> None:
    keep_bundles(read_own_assets(ROOT / "static"), search_path=find_programs())
    remove_copy()


if __name__ == "__main__":
    main()
