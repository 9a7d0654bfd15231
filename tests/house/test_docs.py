"""Documentation agrees with the code: settings, commands, figures, and citations in comments and docstrings."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import URLResolver, get_resolver

from tests.house.source import PACKAGES, ROOT, python_files
from tests.house.test_links import DOTTED_NAME, is_defined

READ = re.compile(r"read_(?:str|bool|int|hour|float|list|choice|path)\(\s*\"([A-Z_]+)\"")


def test_every_variable_read_is_documented_and_every_documented_one_is_read() -> None:
    read = {name for path in python_files("coolpapers") for name in READ.findall(path.read_text(encoding="utf-8"))}
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8"), re.M)
    )
    assert documented == read


def test_every_command_is_documented() -> None:
    commands = {path.stem for path in python_files() if path.parent.name == "commands" and path.stem != "__init__"}
    documented = set(
        re.findall(r"^## `([a-z_]+)`", (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8"), re.M)
    )
    assert documented == commands


def test_a_commands_options_are_those_documented() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `([a-z_]+)`\n(.*?)(?=^## |\Z)", text, re.S | re.M))
    everywhere = {option for action in BaseCommand().create_parser("", "")._actions for option in action.option_strings}
    for name, section in sections.items():
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        options = {option for action in parser._actions for option in action.option_strings} - everywhere
        assert (name, set(re.findall(r"(?<![-\w])--[a-z][a-z-]*", section))) == (name, options)


def test_every_address_is_documented() -> None:
    text = (ROOT / "docs/reference/addresses.md").read_text(encoding="utf-8")
    documented = re.findall(r"`(?:POST )?(/[^`?<]*)", text)
    families = tuple(path.removesuffix("…") for path in documented if path.endswith("…"))
    endings = tuple(re.findall(r"`…(/[a-z]+)", text))
    missing = {
        path
        for path in _fixed_parts(get_resolver())
        if not path.startswith(families)
        and not path.endswith(endings)
        and not any(address.startswith(path) for address in documented)
    }
    assert missing == set()


def _fixed_parts(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """The fixed beginning of every address, up to its first variable part."""
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not path.startswith("/admin/"):
            yield from _fixed_parts(pattern, path)
        else:
            yield "/admin/" if path.startswith("/admin/") else path.split("<")[0]


def _figures() -> list[dict[str, object]]:
    return list(tomllib.loads((ROOT / "bench/figures.toml").read_text(encoding="utf-8")).get("figure", []))


@pytest.mark.parametrize("figure", _figures(), ids=lambda figure: str(figure.get("name")))
def test_every_published_figure_has_a_command_whose_script_exists(figure: dict[str, object]) -> None:
    assert {"name", "value", "unit", "command", "machine", "date"} <= figure.keys()
    parts = shlex.split(str(figure["command"]))
    scripts = [part for part in parts if part.startswith(("bench/", "tests/", "tools/"))]
    scripts += [f"{part.replace('.', '/')}.py" for part in parts if part.startswith("bench.")]  # python -m bench.…
    assert scripts or str(figure["command"]).startswith(("make ", "python manage.py", "python -m rerank"))
    assert all((ROOT / script).is_file() for script in scripts)


CITED_PAGE = re.compile(r"(?<![\w/])docs/[\w./-]+\.md")
ROLE = re.compile(r":(?:mod|func|class|meth|data|attr|exc):`~?([^`]+)`")
LITERAL = re.compile(r"``([^`\n]+)``")
CODE = (*PACKAGES, "bench", "tools", "tests")
TEXTS = {".py", ".js", ".mjs", ".html", ".css", ".txt", ".xml", ".toml"}


def code_files() -> list[Path]:
    """Files whose comments may cite a page: code, templates, scripts and style sheets."""
    ignored = {"vendor", "data", "migrations", "__pycache__"}
    folders = (*CODE, "static", "templates")
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in TEXTS)
    return sorted(path for path in paths if not ignored & set(path.relative_to(ROOT).parts))


def missing_pages(text: str) -> set[str]:
    return {page for page in CITED_PAGE.findall(text) if not (ROOT / page).is_file()}


def undefined_names(path: Path) -> set[str]:
    """Names in cross-references of a module that neither it nor the module it points to defines."""
    text = path.read_text(encoding="utf-8")
    cited = {*ROLE.findall(text), *(name for name in LITERAL.findall(text) if DOTTED_NAME.fullmatch(name))}
    own_names = _names_of(ast.parse(text))
    return {name for name in cited if not _is_known(name, path, own_names)}


def _is_known(name: str, path: Path, own_names: set[str]) -> bool:
    if name.startswith("."):
        package = path.relative_to(ROOT).parents[len(name) - len(name.lstrip(".")) - 1]
        name = f"{'.'.join(package.parts)}.{name.lstrip('.')}"
    if name.split(".")[0] not in CODE:
        return name in own_names or ("." in name and find_spec(name.split(".")[0]) is not None)  # of another library
    return is_defined(name) or _is_exported(name)


def _is_exported(name: str) -> bool:
    """Whether a package imports the name from a module of its own."""
    package, _, last = name.rpartition(".")
    path = ROOT.joinpath(*package.split("."), "__init__.py")
    return path.is_file() and last in _names_of(ast.parse(path.read_text(encoding="utf-8")))


def _names_of(tree: ast.AST) -> set[str]:
    """Names that a module defines, assigns or imports, at any depth; attributes with and without the class."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if isinstance(node, ast.ClassDef):
            names.update(f"{node.name}.{inner}" for part in node.body for inner in _names_of(part))
    return names


def test_every_page_that_code_cites_exists() -> None:
    cited = ((path, missing_pages(path.read_text(encoding="utf-8"))) for path in code_files())
    assert {str(path.relative_to(ROOT)): pages for path, pages in cited if pages} == {}


def test_every_name_that_a_docstring_refers_to_is_defined() -> None:
    cited = ((path, undefined_names(path)) for path in python_files(*CODE))
    assert {str(path.relative_to(ROOT)): names for path, names in cited if names} == {}


def test_a_missing_page_and_an_undefined_name_are_noticed() -> None:
    missing = "/".join(["docs", "reference", "nowhere.md"])
    assert missing_pages(f"see docs/reference/search.md and {missing}") == {missing}
    module = ROOT / "search" / "fusion.py"
    own_names = _names_of(ast.parse(module.read_text(encoding="utf-8")))
    defined = ["scale", "search.fusion.scale", ".language.query", "coolpapers.people.models.Item", "JudgedQuery.grades"]
    undefined = ["no_such_function", "search.fusion.nothing", ".no_such_module", "JudgedQuery.nothing"]
    assert [name for name in (*defined, *undefined) if not _is_known(name, module, own_names)] == undefined


def test_no_registry_host_is_named_in_the_repository() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    for name in ("constraints.txt", "pyproject.toml", "Makefile", ".npmrc"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|find-links|https?://[^\s]*(?:registry|simple)\b", text)
