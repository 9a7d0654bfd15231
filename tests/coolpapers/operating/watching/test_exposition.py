"""What Prometheus reads can be parsed, and the state of the library is read now and then only."""

from __future__ import annotations

import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from coolpapers.base.observing.metrics import count_request, time_stage, time_task
from coolpapers.operating.watching.exposition import exposition, gauges
from tests.house.source import ROOT


@pytest.mark.django_db
def test_the_text_is_that_of_the_format() -> None:
    count_request('a"view\\', "GET", 200, 0.01)
    gauges.forget()
    families = {family.name: family for family in text_string_to_metric_families(exposition().decode())}
    assert families["coolpapers_requests"].type == "counter"
    assert families["coolpapers_request_seconds"].type == "histogram"
    assert families["coolpapers_papers"].type == "gauge"
    assert {"view": 'a"view\\', "method": "GET", "status": "200"} in [
        s.labels for s in families["coolpapers_requests"].samples
    ]


@pytest.mark.django_db
def test_each_metric_of_the_dashboard_exists() -> None:
    count_request("v", "GET", 200, 0.01)
    time_stage("dense", "ok", 0.01)
    time_task("t", "ok", 0.01)
    gauges.forget()
    text = exposition().decode()
    # Values that some sites only have: a broker, an index, backups.
    declared = (ROOT / "coolpapers/operating/watching/gauges.py").read_text(encoding="utf-8")
    known = set(re.findall(r"^# TYPE (\w+)", text, re.M)) | set(re.findall(r"^(coolpapers_\w+)", text, re.M))
    known |= set(re.findall(r'"(coolpapers_\w+)"', declared))
    dashboard = json.loads((ROOT / "docs/operating/grafana.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    named = {name for query in queries for name in re.findall(r"coolpapers_\w+", query)}
    assert len(named) > 15
    assert named - known == set()
    alerts = (ROOT / "docs/operating/alerts.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"coolpapers_\w+", alerts)) - known == set()
