"""``python -m coolpapers COMMAND``: what ``manage.py`` does in a checkout, for an installed package."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    execute_from_command_line(["python -m coolpapers", *sys.argv[1:]])  # the name that usage messages show


if __name__ == "__main__":
    main()
