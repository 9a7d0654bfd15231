from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from bench.site.bench_assets import UNRELATED
from coolpapers.base.storage import HashedStaticStorage, bundle_scripts, has_bundler

# Our own JavaScript as browsers get it, before compression: all of it.
MAX_SHIPPED_BYTES = 40_000
needs_bundler = pytest.mark.skipif(not has_bundler(), reason="tools/fetch_assets.py has not brought the bundler")


def collect(folder: Path, **scripts: str) -> dict[str, str]:
    """Hashed names, by name, of these scripts of ``folder``/js."""
    (folder / "js").mkdir()
    for name, source in scripts.items():
        (folder / "js" / f"{name}.js").write_text(source, encoding="utf-8")
    storage = HashedStaticStorage(location=str(folder), base_url="/static/")
    names = {f"js/{name}.js": (storage, f"js/{name}.js") for name in scripts}
    assert all(not isinstance(outcome, Exception) for _, _, outcome in storage.post_process(names))
    hashed: dict[str, str] = storage.hashed_files
    return hashed


def test_modules_that_import_each_other_get_each_others_hashed_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coolpapers.base.storage.NPM_PACKAGES", tmp_path / "none")
    hashed = collect(tmp_path, main='import { a } from "./part.js";\n', part="export const a = 1;\n")
    part = Path(hashed["js/part.js"]).name
    assert part != "part.js"
    assert f'from "./{part}";' in (tmp_path / hashed["js/main.js"]).read_text(encoding="utf-8")


@needs_bundler
def test_a_script_that_another_imports_ships_in_it_only(tmp_path: Path) -> None:
    hashed = collect(tmp_path, main='import { a } from "./part.js";\nf(a, a);\n', part="export const a = g();\n")
    assert hashed.keys() == {"js/main.js"}
    assert re.fullmatch(r"(?:const|var|let) (\w)=g\(\);f\(\1,\1\);", (tmp_path / hashed["js/main.js"]).read_text())


@needs_bundler
@pytest.mark.parametrize(
    ("source", "minified"),
    [
        ("// why\nexport const a = 1;\n", "var r=1;export{r as a};"),
        ('import { f } from "../vendor/f.js";\nf(f);\n', 'import{f as o}from"../vendor/f.js";o(o);'),
        ("f(`a  ${b ? `c  // d` : 1}  /* e */`);", 'f(`a  ${b?"c  // d":1}  /* e */`);'),
        ("f(/a  [/]\\/ /g);", "f(/a  [/]\\/ /g);"),
    ],
)
def test_a_script_loses_what_only_people_read(source: str, minified: str) -> None:
    assert bundle_scripts({"js/a.js": source, "js/b.js": "c;"}) == {"js/a.js": minified, "js/b.js": "c;"}


@needs_bundler
def test_a_script_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"js/odd\.js"):
        bundle_scripts({"js/odd.js": "const = 1;"})


def test_scripts_ship_as_written_where_there_is_no_bundler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("coolpapers.base.storage.NPM_PACKAGES", tmp_path / "none")
    assert bundle_scripts({"a.js": "// why\na();\n"}) == {"a.js": "// why\na();\n"}


@pytest.fixture
def shipped(tmp_path: Path, settings: Any) -> Path:
    """What ``collectstatic`` writes of our own scripts: the files under hashed names."""
    backend = {"BACKEND": "coolpapers.base.storage.HashedStaticStorage"}
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNRELATED)
    scripts = tmp_path / "shipped"
    scripts.mkdir()
    for name, hashed in staticfiles_storage.hashed_files.items():
        if name.startswith("js/"):
            # Node takes .mjs for a module, which all are or, like the set-up of formulas, may be.
            shutil.copy(settings.STATIC_ROOT / hashed, scripts / f"{Path(name).stem}.mjs")
    return scripts


@needs_bundler
def test_the_scripts_shipped_are_small_and_whole(shipped: Path) -> None:
    files = sorted(shipped.iterdir())
    assert [path.stem for path in files] == ["early", "held", "main", "pdf-viewer", "theme"]
    assert sum(path.stat().st_size for path in files) <= MAX_SHIPPED_BYTES
    node = Path(sys.executable).with_name("node")
    for path in files:
        check = subprocess.run([str(node), "--check", str(path)], capture_output=True, text=True)
        assert check.returncode == 0, check.stderr
        assert "/**" not in path.read_text(encoding="utf-8")
