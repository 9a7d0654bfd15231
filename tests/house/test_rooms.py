"""A folder of code is one subject: at most 15 modules, and each has its place in a contract."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.house.source import PACKAGES, ROOT

MAX_MODULES = 15
CODE = (*PACKAGES, "bench", "tools", "tests", "static/js", "static/css")
SUFFIXES = {".py", ".js", ".mjs", ".css"}
GENERATED = {"vendor", "__pycache__", "migrations"}


def _is_module(path: Path) -> bool:
    """Whether a file counts as a module: not ``__init__.py``, and not a helper of the tests in a folder."""
    is_helper = path.relative_to(ROOT).parts[0] == "tests" and "test" not in path.name
    return path.suffix in SUFFIXES and path.name != "__init__.py" and not is_helper


def folders() -> Counter[str]:
    """Modules of each folder of code, by its path."""
    return Counter(
        str(path.parent.relative_to(ROOT))
        for top in CODE
        for path in (ROOT / top).rglob("*")
        if _is_module(path) and not GENERATED & set(path.parts)
    )


def test_no_folder_of_code_has_more_than_15_modules() -> None:
    assert {folder: n for folder, n in folders().items() if n > MAX_MODULES} == {}


def _contracts() -> list[dict[str, object]]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(configuration["tool"]["importlinter"]["contracts"])


@pytest.mark.parametrize(
    "package",
    [
        "coolpapers",
        "coolpapers.papers",
        "coolpapers.reading",
        "coolpapers.finding",
        "coolpapers.people",
        "coolpapers.api",
        "coolpapers.operating",
        "search",
        "rerank",
    ],
)
def test_every_folder_is_in_the_contract_of_its_package(package: str) -> None:
    named: set[str] = set()
    for contract in _contracts():
        layers = contract.get("layers", ())
        assert isinstance(layers, list | tuple)
        prefix = "".join(f"{container}." for container in contract.get("containers", ()))  # type: ignore[attr-defined]
        named |= {f"{prefix}{name.strip()}" for layer in layers for name in layer.split(":")}
    folder = ROOT / package.replace(".", "/")
    rooms = {f"{package}.{path.name}" for path in folder.iterdir() if (path / "__init__.py").is_file()}
    data = {f"{package}.{name}" for name in ("migrations", "settings", "models" if package == "rerank" else "starter")}
    assert rooms - named - data == set()
