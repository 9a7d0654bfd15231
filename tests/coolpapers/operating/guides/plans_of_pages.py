"""server.md and watching.md: a web server runs, and is asked as a reader, a proxy and Prometheus ask it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench.operating.parts.guide import GUIDES
from tests.coolpapers.operating.guides.following import Plan
from tests.coolpapers.operating.guides.site import Site
from tests.own_library import free_port

PUBLIC = {
    "COOLPAPERS_HTTPS": "yes",
    "COOLPAPERS_ALLOWED_HOSTS": "papers.example.org",
    "COOLPAPERS_SITE_URL": "https://papers.example.org",
    "COOLPAPERS_TRUSTED_PROXIES": "1",
}
THROUGH_PROXY = {"Host": "papers.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
# Metrics of what this site has not: a broker, scheduled backups, harvests, refused requests, failures.
ELSEWHERE = {
    *("coolpapers_queue_length", "coolpapers_last_backup_seconds", "coolpapers_last_import_seconds"),
    *("coolpapers_work", "coolpapers_task_seconds", "coolpapers_log_messages_total"),
    *("coolpapers_refused_requests_total", "coolpapers_degraded_total", "coolpapers_oldest_work_seconds"),
}


def wait_until_served(site: Site, client: httpx.Client) -> None:
    def is_served() -> bool:
        try:
            answer = client.get("/healthz")
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 503), answer.text  # 503 while it starts
        return answer.text == "ok\n"

    site.wait_until(is_served, what="the site is served")


def server(site: Site, stack: ExitStack) -> Plan:
    port = free_port()
    site.words["127.0.0.1:8000"] = f"127.0.0.1:{port}"
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120))

    def look() -> None:
        wait_until_served(site, client)
        page = client.get("/search", params={"q": "parsers", "mode": "bm25"})
        assert page.status_code == 200
        assert "on parsers" in re.sub(r"<[^>]+>", "", page.text)
        assert client.get("/readyz").status_code == 200

    return Plan(end=look)


def watching(site: Site, stack: ExitStack) -> Plan:
    port = free_port()
    token = site.folder / "coolpapers.token"
    token.write_text("a-token-of-the-test\n")
    site.words["/etc/prometheus/"] = f"{site.folder}/"
    site.environment |= PUBLIC | {
        "COOLPAPERS_METRICS_TOKEN": token.read_text().strip(),
        "COOLPAPERS_LOG_FORMAT": "json",
        "COOLPAPERS_ACCESS_LOG": "on",
    }
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=THROUGH_PROXY, timeout=120))
    site.start(f"python manage.py serve --bind 127.0.0.1:{port}")
    wait_until_served(site, client)

    def scrape(block: str) -> None:
        (site.folder / "prometheus.yml").write_text(block)
        check_by_promtool("config", site.folder / "prometheus.yml")
        (job,) = yaml.safe_load(block)["scrape_configs"]
        ((host,),) = (part["targets"] for part in job["static_configs"])
        headers = {"Host": host, "X-Forwarded-Proto": job["scheme"]}
        assert client.get(job.get("metrics_path", "/metrics"), headers=headers).status_code == 401
        secret = Path(job["authorization"]["credentials_file"]).read_text().strip()
        kind = job["authorization"].get("type", "Bearer")
        client.get("/search", params={"q": "parsers", "mode": "bm25"}, headers=headers)
        answer = client.get("/metrics", headers={**headers, "Authorization": f"{kind} {secret}"})
        assert answer.status_code == 200
        shown = names_of_metrics(answer.text)
        page = (GUIDES / "watching.md").read_text(encoding="utf-8")
        rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `coolpapers_")]
        documented = {name for row in rows for name in re.findall(r"coolpapers_\w+", row)}
        assert documented - shown <= ELSEWHERE, documented - shown
        assert shown <= documented, shown - documented

    def log(block: str) -> None:
        expected: dict[str, Any] = json.loads(block)
        client.get("/search", params={"q": "parsers", "mode": "bm25"})
        lines = [json.loads(line) for line in site.log(0).read_text().splitlines() if line.startswith("{")]
        record = [line for line in lines if line.get("view") == expected["view"]][-1]
        assert {name: type(value) for name, value in record.items()} == {
            name: type(value) for name, value in expected.items()
        }
        assert _shape(record) == _shape(expected)

    return Plan(
        blocks={"Metrics: scrape_configs": scrape, "Log: {": log},
        end=lambda: check_by_promtool("rules", GUIDES / "alerts.yml"),
    )


def names_of_metrics(text: str) -> set[str]:
    """The names that the guide uses: counters end with ``_total``."""
    families = [family for family in text_string_to_metric_families(text) if family.name.startswith("coolpapers_")]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def _shape(record: dict[str, Any]) -> list[str]:
    return [re.sub(r"[\da-f]*\d[\da-f]*", "0", str(record[name])) for name in ("time", "logger", "message", "method")]


def check_by_promtool(kind: str, path: Path) -> None:
    """Prometheus' own check where it is installed; else the file has to be YAML with a list of parts."""
    program = shutil.which("promtool")
    if program is None:
        (parts,) = yaml.safe_load(path.read_text(encoding="utf-8")).values()
        assert parts
        return
    checked = subprocess.run([program, "check", kind, str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
