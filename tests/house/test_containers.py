"""Dockerfile and compose.yaml: what they name exists, and what they run starts.

No image is built here: the machine of the tests has no builder. The image's start command and its health check run as
they stand, with the Python of the tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from bench.operating.parts.guide import blocks_of
from tests.house.source import ROOT
from tests.own_library import Library, free_port, make_database

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "coolpapers"]
GUIDE = ROOT / "docs" / "operating" / "containers.md"
INSTRUCTIONS = {
    *("FROM", "ARG", "ENV", "RUN", "COPY", "WORKDIR", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD")
}


def instructions() -> list[tuple[str, str]]:
    """Name and text of each instruction of the Dockerfile; continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def last(name: str) -> str:
    return [text for instruction, text in instructions() if instruction == name][-1]


def start_command() -> list[str]:
    return list(json.loads(last("CMD")))


def health_command() -> list[str]:
    return list(json.loads(last("HEALTHCHECK").partition("CMD ")[2]))


def is_sent(path: str) -> bool:
    """Whether a file of the checkout is part of the build's context, by .dockerignore."""
    sent = True
    for pattern in (ROOT / ".dockerignore").read_text(encoding="utf-8").split():
        bare = pattern.lstrip("!").removeprefix("**/")
        parts = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
        names = parts if "**/" not in pattern else [Path(part).name for part in parts]
        if any(fnmatch(name, bare) and ("/" in bare or "/" not in name) for name in names):
            sent = pattern.startswith("!")
    return sent


def settings_documented() -> set[str]:
    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)`", text, re.M))


# ---- the image


def test_every_instruction_is_one_of_docker() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS


def test_every_base_image_is_official_and_slim() -> None:
    bases = [text.split()[0] for name, text in instructions() if name == "FROM"]
    assert len(bases) == 2
    assert set(bases) == {"python:3.11-slim"}


def test_it_does_not_run_as_root() -> None:
    names = [name for name, _ in instructions()]
    assert last("USER") not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    assert f"--home-dir /home/{last('USER')}" in " ".join(text for name, text in instructions() if name == "RUN")


def test_every_copied_file_exists_and_is_sent_to_the_builder() -> None:
    for name, text in instructions():
        if name != "COPY" or text.startswith("--from="):
            continue
        for source in text.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source == "." or is_sent(source), source


@pytest.mark.parametrize(
    "path",
    [
        *(
            "pyproject.toml",
            "constraints.txt",
            "package-lock.json",
            ".npmrc",
            "tools/fetch_assets.py",
            "docs/README.md",
        ),
        *("coolpapers/__init__.py", "templates/base.html", "locale/zh_Hans/LC_MESSAGES/django.mo", "LICENSE", "NOTICE"),
    ],
)
def test_what_the_wheel_needs_is_sent(path: str) -> None:
    assert (ROOT / path).exists()
    assert is_sent(path)


@pytest.mark.parametrize(
    "path", [".git/HEAD", "data/db.sqlite3", ".venv/bin/python", "containers/secret_key", "build/x"]
)
def test_secrets_and_state_are_not_sent(path: str) -> None:
    assert not is_sent(path)


def test_its_extras_exist() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = set(re.findall(r"^(\w+) = \[", text, re.M))
    assert set(last("ARG").partition("=")[2].split(",")) <= extras


@pytest.mark.slow
def test_it_starts_and_is_healthy(tmp_path: Path) -> None:
    """The start command in an empty data folder, on another port; then the health check asks it."""
    port = str(free_port())
    shims = tmp_path / "bin"
    shims.mkdir()
    (shims / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (shims / "python").chmod(0o755)
    make_database(tmp_path / "data")
    library = Library(tmp_path / "data", COOLPAPERS_ALLOWED_HOSTS="papers.example.org", COOLPAPERS_HTTPS="yes")
    library.environment["PATH"] = f"{shims}{os.pathsep}{os.environ['PATH']}"
    library.environment["PYTHONPATH"] = str(ROOT)
    process = library.start(*(part.replace("8000", port) for part in start_command()))
    health = [part.replace("8000", port).replace("python", sys.executable, 1) for part in health_command()]
    try:
        for _ in range(240):
            checked = subprocess.run(health, env=library.environment, capture_output=True, text=True, check=False)
            if checked.returncode == 0 or process.poll() is not None:
                break
            time.sleep(0.5)
        assert checked.returncode == 0, checked.stderr
    finally:
        process.terminate()
        _, printed = process.communicate(timeout=60)
        assert "Traceback" not in printed
    gone = subprocess.run(health, env=library.environment, capture_output=True, text=True, check=False)
    assert gone.returncode != 0


# ---- compose


def test_it_runs_the_documented_parts() -> None:
    assert set(SERVICES) == {"web", "index", "tasks", "beat", "postgres", "redis", "nginx"}
    assert OURS == ["web", "index", "tasks", "beat"]


def test_every_image_is_named_without_a_registry() -> None:
    assert not [service["image"] for service in SERVICES.values() if "/" in service["image"]]


def test_every_service_has_a_health_check_and_is_started_again() -> None:
    for name, service in SERVICES.items():
        assert name == "web" or "test" in service["healthcheck"], name  # the image's own
        assert service["restart"] == "unless-stopped"


def test_services_wait_for_services_that_exist() -> None:
    for service in SERVICES.values():
        for name, condition in service.get("depends_on", {}).items():
            assert name in SERVICES
            assert condition == {"condition": "service_healthy"}


def test_volumes_and_secrets_are_declared_and_used() -> None:
    volumes = {place.split(":")[0] for service in SERVICES.values() for place in service.get("volumes", [])}
    assert {name for name in volumes if not name.startswith(".")} == set(COMPOSE["volumes"])
    secrets = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert secrets == set(COMPOSE["secrets"])
    ignored = (ROOT / "containers/.gitignore").read_text(encoding="utf-8").split()
    for secret in COMPOSE["secrets"].values():
        assert Path(secret["file"]).name in ignored
    for path in (name for name in volumes if name.startswith(".")):
        assert (ROOT / path).exists() or f"{Path(path).name}/" in ignored


def test_its_settings_exist() -> None:
    lines = (ROOT / "containers/site.env").read_text(encoding="utf-8").splitlines()
    in_file = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    for name in OURS:
        variables = in_file | {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
        assert variables <= settings_documented()
        for variable, value in SERVICES[name]["environment"].items():
            if variable.endswith("_FILE"):
                assert Path(value).name in SERVICES[name]["secrets"]


def test_its_workers_take_every_queue_once() -> None:
    commands = [service.get("command", []) for service in SERVICES.values()]
    queues = [command[command.index("-Q") + 1].split(",") for command in commands if "-Q" in command]
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert sorted(queue for of_worker in queues for queue in of_worker) == sorted({"celery", *routed})
    assert ["celery"] in queues


@pytest.mark.parametrize("name", ["index", "tasks", "beat"])
def test_celery_knows_the_options_of_its_commands(name: str) -> None:
    command = SERVICES[name]["command"]
    asked = subprocess.run(
        [sys.executable, "-m", *command[: command.index("worker" if "worker" in command else "beat") + 1], "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for option in (part for part in command[4:] if part.startswith("-")):
        assert option in asked.stdout


def test_every_command_of_its_guide_exists() -> None:
    text = "".join(block.text for block in blocks_of(GUIDE)) + " ".join(start_command())
    named = re.findall(r"-m coolpapers ([a-z_]+)", text)
    assert len(named) > 5
    assert set(named) <= set(get_commands())
    services = re.findall(r"docker compose (?:exec|run)(?: -\S+(?: \"[^\"]+\")?)* ([a-z]+)", text)
    assert services
    assert set(services) <= set(SERVICES)


NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.mark.servers
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    from bench.operating.parts.servers import make_certificate

    make_certificate(tmp_path, "site")
    text = (ROOT / "containers/nginx.conf").read_text(encoding="utf-8")
    assert "http://web:8000" in text
    text = text.replace("web:8000", "127.0.0.1:8000").replace("/etc/ssl/site/", f"{tmp_path}/")
    text = re.sub(r"listen (\d+)", lambda match: f"listen 127.0.0.1:{free_port()}", text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n{text}\n}}", encoding="utf-8"
    )
    command = [str(NGINX), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
