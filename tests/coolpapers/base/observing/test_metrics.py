"""What a process counts: names of the code as labels, and nothing of its parent after a fork."""

from __future__ import annotations

import os

from coolpapers.base.observing.metrics import (
    count_message,
    count_refused,
    count_request,
    read_families,
    time_stage,
    time_task,
)
from coolpapers.base.outages import degraded


def value(name: str, **labels: str) -> float:
    wanted = tuple(sorted(labels.items()))
    samples = [sample for family in read_families() for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name and sample.labels == wanted)


def test_each_kind_of_event_is_counted_and_timed() -> None:
    before = value("coolpapers_requests_total", view="first", method="GET", status="200")
    count_request("first", "GET", 200, 0.03)
    count_request("first", "GET", 200, 3.0)
    assert value("coolpapers_requests_total", view="first", method="GET", status="200") - before == 2
    assert value("coolpapers_request_seconds_bucket", view="first", le="0.05") == 1
    assert value("coolpapers_request_seconds_count", view="first") == 2
    time_stage("first", "late", 0.5)
    assert value("coolpapers_search_stage_seconds_count", stage="first", outcome="late") == 1
    time_task("first", "ok", 2.0)
    assert value("coolpapers_task_seconds_sum", task="first", outcome="ok") == 2.0
    count_refused(413)
    count_message("ERROR")
    assert value("coolpapers_refused_requests_total", status="413") >= 1
    assert value("coolpapers_log_messages_total", level="ERROR") >= 1


def test_a_method_made_up_by_a_client_makes_no_label() -> None:
    for number in range(20):
        count_request("w", f"METHOD{number}", 405, 0.0)
    methods = {
        dict(sample.labels)["method"]
        for family in read_families()
        for sample in family.samples
        if sample.name == "coolpapers_requests_total" and dict(sample.labels)["view"] == "w"
    }
    assert methods == {"other"}


def test_what_was_left_out_is_counted() -> None:
    before = value("coolpapers_degraded_total", what="something")
    degraded.count("something", OSError("x"))
    assert value("coolpapers_degraded_total", what="something") - before == 1


def test_a_forked_process_begins_with_nothing() -> None:
    count_request("forked", "GET", 200, 0.01)
    degraded.count("something", OSError("x"))
    pid = os.fork()
    if not pid:  # the child says what it has counted by its status
        counted = value("coolpapers_requests_total", view="forked", method="GET", status="200")
        left_out = value("coolpapers_degraded_total", what="something")
        os._exit(int(counted + left_out))
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert value("coolpapers_requests_total", view="forked", method="GET", status="200") >= 1
