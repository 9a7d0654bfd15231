from __future__ import annotations

import subprocess
import sys

import pytest

from coolpapers import gunicorn_conf
from coolpapers.api.json.schemas import MAX_TEXT_CHARS
from tests.house.source import ROOT


def test_models_are_in_memory_once_unless_the_environment_asks_for_more_processes() -> None:
    assert (gunicorn_conf.workers, gunicorn_conf.threads) == (1, 8)


@pytest.mark.parametrize("config", ["coolpapers/gunicorn_conf.py", "python:coolpapers.gunicorn_conf"])
def test_gunicorn_accepts_the_configuration_as_a_file_and_as_a_module(config: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config", config, "--print-config", "coolpapers.wsgi"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    values = dict(line.split("=", 1) for line in shown.replace(" ", "").splitlines() if "=" in line)
    assert (values["worker_class"], values["threads"], values["timeout"]) == ("gthread", "8", "120")
    assert int(values["limit_request_line"]) > len("GET /api/v1/papers?ids= HTTP/1.1") + MAX_TEXT_CHARS
