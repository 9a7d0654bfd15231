"""What is documented is what exists: settings, commands, figures."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import URLResolver, get_resolver

from tests.house.source import ROOT, python_files

READ = re.compile(r"read_(?:str|bool|int|float|list|choice|path)\(\s*\"([A-Z_]+)\"")


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
        and not any(one.startswith(path) for one in documented)
    }
    assert missing == set()


def _fixed_parts(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """What every address begins with, up to its first changing part."""
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


def test_no_registry_host_is_named_in_the_repository() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    for name in ("constraints.txt", "pyproject.toml", "Makefile", ".npmrc"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|find-links|https?://[^\s]*(?:registry|simple)\b", text)
