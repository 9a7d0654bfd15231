"""Where the files of the project lie: in the checkout, or in the package that a wheel installed.

A wheel holds ``templates``, ``static``, ``locale`` and ``docs`` in ``coolpapers/_data``, where ``tools/build_data.py``
puts them. In a checkout that folder does not exist, and the files are read where they are edited.
"""

from __future__ import annotations

from pathlib import Path

from coolpapers.base.env import read_path

_PACKAGED = Path(__file__).resolve().parents[1] / "_data"
IS_INSTALLED = _PACKAGED.is_dir()

# Folder of templates, static files, catalogues and the documentation.
BASE_DIR = _PACKAGED if IS_INSTALLED else Path(__file__).resolve().parents[2]
DOCS_DIR = BASE_DIR / "docs"

# Folder with everything the site keeps: database, indexes, files. One folder is one library.
# Default: data/ of the checkout, or of the working directory where the package is installed. Example: /srv/coolpapers
DATA_DIR = read_path("COOLPAPERS_DATA_DIR", (Path.cwd() if IS_INSTALLED else BASE_DIR) / "data")

_STATIC = BASE_DIR / "static"
_IS_COLLECTED = (_STATIC / "staticfiles.json").is_file()  # by `make wheel`, with all bundles
STATICFILES_DIRS = [] if _IS_COLLECTED else [_STATIC]
# Collected static files are made from the sources; they are no part of the library's state.
STATIC_ROOT = _STATIC if _IS_COLLECTED else (DATA_DIR if IS_INSTALLED else BASE_DIR / "build") / "static"
