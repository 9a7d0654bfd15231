#!/usr/bin/env python
"""The command line of coolpapers; ``python manage.py help`` lists the commands."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    from coolpapers.management.entry import run

    run(sys.argv)
