"""docs/architecture.md draws the layers that pyproject.toml enforces, and names files and functions that exist."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "architecture.md"
DRAWING = re.compile(r"^##+ (?:Three packages|`([a-z.]+)`)$.*?^```text\n(.*?)^```$", re.S | re.M)
CITATION = re.compile(r"\[`([\w.]+)`\]\((\.\./[^)]+)\)")

Layers = list[set[str]]


def drawn_layers(page: str) -> dict[str, Layers]:
    """Rows of each drawing, by the package that it shows; "" is the repository."""
    drawings: dict[str, Layers] = {}
    for package, block in DRAWING.findall(page):
        rows = [line for line in block.splitlines() if line.strip(" ↓")]
        drawings[package] = [set(re.split(r"\s{2,}", row)[0].split(" · ")) for row in rows]
    return drawings


def enforced_layers() -> dict[str, Layers]:
    """Layers of each contract, by the package that it governs."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    enforced: dict[str, Layers] = {}
    for contract in contracts:
        if contract["type"] != "layers":
            continue
        layers = [{name.strip() for name in layer.split(":")} for layer in contract["layers"]]
        (package,) = contract.get("containers", [_common_package(layers)])
        enforced[package] = [{name.removeprefix(f"{package}.") for name in layer} for layer in layers]
    return enforced


def _common_package(layers: Layers) -> str:
    parents = {name.rpartition(".")[0] for layer in layers for name in layer}
    assert len(parents) == 1
    return parents.pop()


def defined_names(path: Path) -> set[str]:
    """Functions, classes and methods that a Python or JavaScript file defines; methods as ``Class.method``."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(re.findall(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", text, re.M))
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return names


def test_every_contract_is_drawn_in_its_order() -> None:
    drawn, enforced = drawn_layers(PAGE.read_text(encoding="utf-8")), enforced_layers()
    assert drawn.keys() == enforced.keys()
    for package, layers in enforced.items():
        assert (package, drawn[package]) == (package, layers)


def test_a_missing_folder_and_another_order_are_noticed() -> None:
    page = "### `search`\n\n```text\nranking    orders\ntext · vocabulary    words\n```\n"
    assert drawn_layers(page) == {"search": [{"ranking"}, {"text", "vocabulary"}]}
    assert drawn_layers(page.replace(" · vocabulary", "")) != drawn_layers(page)
    assert {"coolpapers", "search", "rerank", "", "coolpapers.people"} <= enforced_layers().keys()


CITATIONS = sorted(set(CITATION.findall(PAGE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("name", "target"), CITATIONS, ids=lambda value: value)
def test_every_function_named_on_the_page_exists_in_its_file(name: str, target: str) -> None:
    path = (PAGE.parent / target).resolve()
    assert path.is_file(), f"docs/architecture.md names {target}, which does not exist"
    assert name == path.name or name in defined_names(path), f"docs/architecture.md: {target} does not define {name}"


def test_the_page_follows_five_paths_with_enough_stops() -> None:
    paths = PAGE.read_text(encoding="utf-8").split("## Five paths")[1].split("\n## ")[0].split("\n### ")[1:]
    assert len(paths) == 5
    assert all(len(CITATION.findall(path)) >= 8 for path in paths)
