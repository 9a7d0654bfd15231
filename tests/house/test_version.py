"""The version in pyproject.toml is that of the changelog and of the installed package."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib import metadata

import pytest

import coolpapers
from tests.house.source import ROOT

RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", re.M)


def declared_version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_the_newest_release_of_the_changelog_is_the_declared_version() -> None:
    assert RELEASE.findall(changelog())[0][0] == declared_version()


def test_the_installed_package_has_the_declared_version() -> None:
    # Fails after a change of the version until the checkout is installed again, which `make` does by itself.
    assert coolpapers.__version__ == metadata.version("coolpapers") == declared_version()


def test_releases_stand_in_order_below_the_unreleased_changes() -> None:
    headings = re.findall(r"^## (.+)$", changelog(), re.M)
    assert headings[0] == "Unreleased"
    releases = RELEASE.findall(changelog())
    assert [f"{version} - {day}" for version, day in releases] == headings[1:]
    versions = [as_numbers(version) for version, _ in releases]
    days = [date.fromisoformat(day) for _, day in releases]
    assert versions == sorted(set(versions), reverse=True)
    assert days == sorted(days, reverse=True)


def test_no_other_file_states_the_version_as_its_own() -> None:
    for name in ("package.json", "coolpapers/__init__.py"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(rf"version.{{0,4}}[:=].*{re.escape(declared_version())}", text), name


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_visitor_finds_the_usual_files(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_pre_commit_hooks_use_the_tools_of_the_environment_and_download_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"repo: (\S+)", text)) == {"local"}
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}
    tools = set(re.findall(r"entry: \.venv/bin/([\w-]+)", text))
    assert tools == {"ruff", "mypy", "lint-imports", "djade"}
    development = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]["dev"]
    assert tools - set(development) == {"lint-imports"}  # a command of import-linter
