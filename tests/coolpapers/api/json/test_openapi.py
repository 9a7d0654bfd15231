from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from coolpapers.api.json.openapi import PROBLEM_STATUSES
from coolpapers.papers.models import Paper

CONFIG = Path(__file__).with_name("schemathesis.toml")
# As many as a test may take; more with `schemathesis --config-file … run http://127.0.0.1:8000/api/v1/openapi.json`.
N_EXAMPLES = 25


@pytest.fixture
def schema(client: Client, db: None) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return described


def operations(schema: dict[str, Any]) -> dict[str, Any]:
    return {f"{method} {path}": one for path, methods in schema["paths"].items() for method, one in methods.items()}


def test_every_operation_declares_its_problems(schema: dict[str, Any]) -> None:
    for operation in operations(schema).values():
        responses = operation["responses"]
        assert {int(status) for status in responses} == {200, 414, *PROBLEM_STATUSES}
        for status in PROBLEM_STATUSES:
            content = responses[str(status)]["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemSchema"}}}
        assert "Retry-After" in responses["429"]["headers"]
    assert schema["components"]["schemas"]["ProblemSchema"]["required"] == ["type", "title", "status"]


def test_a_token_is_optional(schema: dict[str, Any]) -> None:
    (scheme,) = schema["components"]["securitySchemes"]
    assert schema["components"]["securitySchemes"][scheme] == {"type": "http", "scheme": "bearer"}
    assert all(operation["security"] == [{scheme: []}, {}] for operation in operations(schema).values())


def test_the_media_types_of_citations_are_declared(schema: dict[str, Any]) -> None:
    cited = schema["paths"]["/api/v1/cite/{idents}"]["get"]["responses"]["200"]["content"]
    assert {"application/x-bibtex", "application/x-research-info-systems"} <= cited.keys()


@pytest.mark.django_db(transaction=True)
def test_the_site_answers_as_the_description_says(server_url: str, library: list[Paper], tmp_path: Path) -> None:
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
        "--config-file", str(CONFIG), "run", f"{server_url}/api/v1/openapi.json", "--no-color",
        "--max-examples", str(N_EXAMPLES), "--seed", "20261130", "--continue-on-failure",
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.returncode == 0, run.stdout[:6000]
    assert "8 selected" in run.stdout
