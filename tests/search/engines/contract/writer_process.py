"""Another process that writes: ``python -m tests.search.engines.contract.writer_process <class> <folder> <first
revision>``.

Updates an index with one paper after the other until it is killed, and says of each when it is acknowledged.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.utils.module_loading import import_string  # noqa: E402

from tests.search.make import make_document  # noqa: E402


def main(backend_class: str, folder: str, first: int) -> None:
    backend = import_string(backend_class)(path=folder)
    for revision in count(first):
        papers = [make_document(f"p:{revision}-{n}", title=f"Graphs {revision} {n}") for n in range(40)]
        backend.update(papers, revision=revision)
        sys.stdout.write(f"{revision}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
