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

from bench.bench_assets import ELSEWHERE, UNRELATED
from coolpapers.storage import TERSER, HashedStaticStorage, minify_scripts, read_json, replacing, write_json

# Our own JavaScript as browsers get it, before compression: on a list or a search, with every part in use; and all.
MAX_LIST_BYTES, MAX_SHIPPED_BYTES = 38_000, 47_000
needs_minifier = pytest.mark.skipif(not TERSER.is_dir(), reason="tools/fetch_assets.py has not brought the minifier")


def test_a_file_is_replaced_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state"
    with replacing(path) as temporary:
        temporary.write_text("1", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "1"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("old", encoding="utf-8")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise RuntimeError("disk")

    with pytest.raises(RuntimeError, match="disk"):
        write_half()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"revision": 7, "names": ["é"]})
    assert read_json(tmp_path / "a.json") == {"revision": 7, "names": ["é"]}


@pytest.mark.parametrize("content", [None, b"", b'{"revi', b"\xff\xfe"])
def test_a_missing_or_half_written_file_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    assert read_json(path) is None


def test_modules_that_import_each_other_get_each_others_hashed_names(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text('import { a } from "./part.js";\n', encoding="utf-8")
    (tmp_path / "js" / "part.js").write_text("export const a = 1;\n", encoding="utf-8")
    storage = HashedStaticStorage(location=str(tmp_path), base_url="/static/")
    names = {name: (storage, name) for name in ("js/main.js", "js/part.js")}
    assert all(not isinstance(outcome, Exception) for _, _, outcome in storage.post_process(names))
    hashed = storage.hashed_files
    part = Path(hashed["js/part.js"]).name
    assert part != "part.js"
    assert f'from"./{part}"' in (tmp_path / hashed["js/main.js"]).read_text(encoding="utf-8").replace(" ", "")


@needs_minifier
@pytest.mark.parametrize(
    ("source", "minified"),
    [
        ("// why\nexport const a = 1;\n", "export const a=1;"),
        ('import("./a.js").then(f);', 'import("./a.js").then(f);'),
        ("f(`a  ${b ? `c  // d` : 1}  /* e */`);", 'f(`a  ${b?"c  // d":1}  /* e */`);'),
        ("f(/a  [/]\\/ /g);", "f(/a  [/]\\/ /g);"),
    ],
)
def test_a_script_loses_what_only_people_read(source: str, minified: str) -> None:
    assert minify_scripts({"a.js": source, "b.js": "c;"}) == {"a.js": minified, "b.js": "c;"}


@needs_minifier
def test_names_of_a_module_become_short_and_those_it_shares_stay() -> None:
    source = 'import { shared } from "./a.js";\nconst own = shared();\nexport const told = [own, own];\n'
    code = minify_scripts({"b.js": source})["b.js"]
    assert re.fullmatch(r'import\{shared as (\w)\}from"./a.js";const (\w)=\1\(\);export const told=\[\2,\2\];', code)


@needs_minifier
def test_a_script_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"js/odd\.js"):
        minify_scripts({"js/odd.js": "const = 1;"})


def test_scripts_ship_as_written_where_there_is_no_minifier(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("coolpapers.storage.TERSER", tmp_path / "none")
    assert minify_scripts({"a.js": "// why\na();\n"}) == {"a.js": "// why\na();\n"}


@pytest.fixture
def shipped(tmp_path: Path, settings: Any) -> Path:
    """What ``collectstatic`` writes of our own scripts: the files under hashed names."""
    backend = {"BACKEND": "coolpapers.storage.HashedStaticStorage"}
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


@needs_minifier
def test_the_scripts_shipped_are_small_and_whole(shipped: Path) -> None:
    files = sorted(shipped.iterdir())
    assert "main.mjs" in [path.name for path in files]
    sizes = {path.stem: path.stat().st_size for path in files}
    assert sizes.keys() > ELSEWHERE
    assert sum(size for name, size in sizes.items() if name not in ELSEWHERE) <= MAX_LIST_BYTES
    assert sum(sizes.values()) <= MAX_SHIPPED_BYTES
    node = Path(sys.executable).with_name("node")
    for path in files:
        check = subprocess.run([str(node), "--check", str(path)], capture_output=True, text=True)
        assert check.returncode == 0, check.stderr
        assert "/**" not in path.read_text(encoding="utf-8")
