"""``python -m coolpapers COMMAND``: what ``manage.py`` does in a checkout, for an installed package."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    from coolpapers.management.entry import run

    run(["python -m coolpapers", *sys.argv[1:]])  # the name that usage messages show


if __name__ == "__main__":
    main()
