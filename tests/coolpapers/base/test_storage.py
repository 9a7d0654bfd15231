from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from bench.site.bench_assets import UNRELATED
from coolpapers.base.storage import HashedStaticStorage, bundle_assets, has_bundler, keep_bundles, read_own_assets

# Our own JavaScript as browsers get it, before compression: all of it.
MAX_SHIPPED_BYTES = 60_000
needs_bundler = pytest.mark.skipif(not has_bundler(), reason="tools/fetch_assets.py has not brought the bundler")


@pytest.fixture
def without_bundler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.base.storage.NPM_PACKAGES", tmp_path / "none")


def collect(folder: Path, sources: dict[str, str]) -> dict[str, str]:
    """Write the sources below ``folder`` and post-process them; return the hashed names, by name."""
    for name, source in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")
    storage = HashedStaticStorage(location=str(folder), base_url="/static/")
    outcomes = storage.post_process({name: (storage, name) for name in sources})
    assert all(not isinstance(outcome, Exception) for _, _, outcome in outcomes)
    hashed: dict[str, str] = storage.hashed_files
    return hashed


@pytest.mark.usefixtures("without_bundler")
def test_modules_that_import_each_other_get_each_others_hashed_names(tmp_path: Path) -> None:
    sources = {"js/main.js": 'import { a } from "./cards/part.js";\n', "js/cards/part.js": "export const a = 1;\n"}
    hashed = collect(tmp_path, sources)
    assert hashed["js/cards/part.js"] != "js/cards/part.js"
    address = f"./{hashed['js/cards/part.js'].removeprefix('js/')}"
    assert f'from "{address}";' in (tmp_path / hashed["js/main.js"]).read_text(encoding="utf-8")


@pytest.mark.usefixtures("without_bundler")
def test_style_sheets_that_import_others_get_their_hashed_names(tmp_path: Path) -> None:
    hashed = collect(tmp_path, {"css/main.css": '@import "./page/base.css";\n', "css/page/base.css": "a { b: c; }\n"})
    assert hashed["css/page/base.css"] != "css/page/base.css"
    address = f"./{hashed['css/page/base.css'].removeprefix('css/')}"
    assert f'@import url("{address}")' in (tmp_path / hashed["css/main.css"]).read_text(encoding="utf-8")


@needs_bundler
def test_a_script_that_another_imports_ships_in_it_only(tmp_path: Path) -> None:
    sources = {
        "js/main.js": 'import { a } from "./cards/part.js";\nf(a, a);\n',
        "js/cards/part.js": 'import { b } from "../page/dom.js";\nexport const a = g(b());\n',
        "js/page/dom.js": "export const b = () => h();\n",
    }
    hashed = collect(tmp_path, sources)
    assert hashed.keys() == {"js/main.js"}
    assert re.fullmatch(r"(?:const|var|let) (\w)=g\(h\(\)\);f\(\1,\1\);", (tmp_path / hashed["js/main.js"]).read_text())


@needs_bundler
def test_a_style_sheet_that_another_imports_ships_in_it_only_and_in_its_order(tmp_path: Path) -> None:
    sources = {
        "css/main.css": '@import "./page/base.css";\n@import "./page/print.css";\n',
        "css/page/base.css": "/* why */\na {\n  color: light-dark(#000000, #ffffff);\n}\n",
        "css/page/print.css": "@media print {\n  a {\n    color: inherit;\n  }\n}\n",
    }
    hashed = collect(tmp_path, sources)
    assert hashed.keys() == {"css/main.css"}
    shipped = (tmp_path / hashed["css/main.css"]).read_text(encoding="utf-8").strip()
    assert shipped == "a{color:light-dark(#000000,#ffffff)}@media print{a{color:inherit}}"


@needs_bundler
def test_addresses_of_other_files_follow_a_part_into_the_bundle() -> None:
    bundles = bundle_assets(
        {
            "js/main.js": 'import "./reading/part.js";\n',
            "js/reading/part.js": 'import { f } from "../../vendor/f.js";\nf();\n',
            "css/main.css": '@import "./page/part.css";\n',
            "css/page/part.css": "a {\n  background: url(../../img/a.svg);\n}\n",
        }
    )
    assert 'from"../vendor/f.js"' in bundles["js/main.js"]
    assert "url(../img/a.svg)" in bundles["css/main.css"]


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
    assert bundle_assets({"js/a.js": source, "js/b.js": "c;"}) == {"js/a.js": minified, "js/b.js": "c;"}


@needs_bundler
def test_a_module_has_a_short_name_for_what_it_uses_often_and_a_classic_script_shares_the_pages_names() -> None:
    calls = "".join(f'  f(document.getElementById("n{number}"));\n' for number in range(8))
    few = 'f(location.href, {}.document, "$document $location");\n'
    bundles = bundle_assets({"js/module.js": calls + few, "js/head/classic.js": f"(() => {{\n{calls}}})();\n"})
    assert bundles["js/module.js"].startswith("const e=document;")
    assert bundles["js/module.js"].count("e.getElementById") == 8
    assert 'f(location.href,{}.document,"$document $location")' in bundles["js/module.js"].replace("({})", "{}")
    assert bundles["js/head/classic.js"].count("document.getElementById") == 8


@needs_bundler
def test_variables_of_a_style_sheet_are_short_unless_a_script_sets_them() -> None:
    sheet = (
        ":root { --page-colour: light-dark(#fff, #000); --never-used: 1px; --pane-width: 3rem; --rest: 1px; }\n"
        ".a--page-colour { color: var(--page-colour); inline-size: var(--pane-width); margin: var(--rest, 2px) }\n"
        "a { background: var(--page-colour) }\n"
    )
    script = 'element.style.setProperty("--pane-width", "4rem");\n'
    bundles = bundle_assets({"css/main.css": sheet, "js/main.js": script})
    assert bundles["css/main.css"].strip() == (
        ":root{--a:light-dark(#fff,#000);--pane-width:3rem;--b:1px}"
        ".a--page-colour{color:var(--a);inline-size:var(--pane-width);margin:var(--b, 2px)}a{background:var(--a)}"
    )


@needs_bundler
def test_a_file_that_cannot_be_parsed_is_named() -> None:
    with pytest.raises(ValueError, match=r"js/odd\.js"):
        bundle_assets({"js/odd.js": "const = 1;"})


@needs_bundler
def test_an_import_of_a_missing_file_is_not_dropped() -> None:
    bundles = bundle_assets({"css/main.css": '@import "./gone.css";\n', "js/main.js": 'import "./gone.js";\n'})
    assert "./gone.css" in bundles["css/main.css"]
    assert "./gone.js" in bundles["js/main.js"]


@pytest.mark.usefixtures("without_bundler")
def test_files_ship_as_written_where_there_is_no_bundler() -> None:
    sources = {"js/a.js": "// why\na();\n", "css/a.css": "/* why */\n"}
    assert bundle_assets(sources) == sources


@pytest.fixture
def shipped(tmp_path: Path, settings: Any) -> dict[str, str]:
    """What ``collectstatic`` writes of our own scripts and style sheets, by name."""
    backend = {"BACKEND": "coolpapers.base.storage.HashedStaticStorage"}
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNRELATED)
    storage: Any = staticfiles_storage
    return {
        name: (settings.STATIC_ROOT / hashed).read_text(encoding="utf-8")
        for name, hashed in storage.hashed_files.items()
        if name.startswith(("js/", "css/"))
    }


@needs_bundler
def test_what_ships_is_small_and_whole(shipped: dict[str, str], tmp_path: Path) -> None:
    assert sorted(shipped) == [
        "css/main.css",
        "css/pdf/viewer.css",
        "js/head/early_events.js",
        "js/head/hidden_papers.js",
        "js/head/theme.js",
        "js/main.js",
        "js/pdf/viewer.js",
    ]
    assert not any("/**" in text or "@import" in text for text in shipped.values())
    scripts = {name: text for name, text in shipped.items() if name.endswith(".js")}
    assert sum(len(text.encode()) for text in scripts.values()) <= MAX_SHIPPED_BYTES
    node = Path(sys.executable).with_name("node")
    for name, text in scripts.items():
        # Node takes .mjs for a module. All of them are modules, or parse as one.
        script = (tmp_path / Path(name).name).with_suffix(".mjs")
        script.write_text(text, encoding="utf-8")
        check = subprocess.run([str(node), "--check", str(script)], capture_output=True, text=True)
        assert check.returncode == 0, check.stderr


@pytest.mark.usefixtures("without_bundler")
def test_files_are_compressed_for_every_browser(tmp_path: Path) -> None:
    source = "export const words = ['" + "a longer text " * 100 + "'];\n"
    hashed = collect(tmp_path, {"js/main.js": source})["js/main.js"]
    assert gzip.decompress((tmp_path / f"{hashed}.gz").read_bytes()).decode() == source
    assert brotli.decompress((tmp_path / f"{hashed}.br").read_bytes()).decode() == source


@needs_bundler
def test_kept_bundles_serve_where_there_is_no_bundler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.base.storage.BUNDLES", tmp_path / "bundles")
    (tmp_path / "js/cards").mkdir(parents=True)
    (tmp_path / "css").mkdir()
    (tmp_path / "js/main.js").write_text('import { a } from "./cards/part.js";\nf(a, a);\n', encoding="utf-8")
    (tmp_path / "js/cards/part.js").write_text("export const a = g();\n", encoding="utf-8")
    (tmp_path / "css/main.css").write_text("a {\n  color: red;\n}\n", encoding="utf-8")
    (tmp_path / "js/notes.md").write_text("no script", encoding="utf-8")
    sources = read_own_assets(tmp_path)
    assert sources.keys() == {"js/main.js", "js/cards/part.js", "css/main.css"}
    keep_bundles(sources)
    bundles = bundle_assets(sources)
    assert bundles.keys() == {"js/main.js", "css/main.css"}
    monkeypatch.setattr("coolpapers.base.storage.NPM_PACKAGES", tmp_path / "none")
    assert bundle_assets(sources) == bundles
    changed = {**sources, "css/main.css": "a {\n  color: blue;\n}\n"}
    assert bundle_assets(changed) == changed


@needs_bundler
def test_kept_bundles_replace_those_of_former_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.base.storage.BUNDLES", tmp_path)
    for color in ("red", "blue"):
        keep_bundles({"css/main.css": f"a {{\n  color: {color};\n}}\n"})
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.usefixtures("without_bundler")
def test_no_bundles_are_kept_without_a_bundler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coolpapers.base.storage.BUNDLES", tmp_path / "bundles")
    keep_bundles({"css/main.css": "a {}\n"})
    assert not (tmp_path / "bundles").exists()
