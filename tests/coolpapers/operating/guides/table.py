"""What ``test_blocks`` does not run, and why. Everything else of every guide is run there."""

from __future__ import annotations

from dataclasses import dataclass

from tests.coolpapers.operating.guides.steps import Step

_ONE = "bench.operating.trial_one_machine follows this section; tests/bench/operating runs it"
_TWO = "bench.operating.trial_two_nodes follows this page; tests/bench/operating runs it"
_BENCH = "a bench of many minutes; test_benches_exist checks its name and options"
_BUILD = "needs a builder of images and a registry; tests/house/test_containers.py checks what it would start"
_REGISTRY = "installs from a package registry; test_extras_exist checks what it names"
_SECURITY = "the server of the tests has no security plugin; test_requests_of_the_security_plugin_are_valid reads it"


@dataclass(frozen=True, slots=True)
class NotRun:
    """Steps of a guide whose text begins with ``start``; of one section if it is named."""

    guide: str
    start: str
    reason: str
    section: str = ""

    def covers(self, step: Step) -> bool:
        is_there = step.guide == self.guide and (not self.section or step.section == self.section)
        return is_there and step.text.startswith(self.start)


NOT_RUN = (
    NotRun("one-machine.md", "", _ONE, "Install"),
    NotRun("one-machine.md", "[Unit]", _ONE, "Services"),
    NotRun("one-machine.md", "systemctl", _ONE, "Services"),
    NotRun("one-machine.md", "", _ONE, "nginx"),
    NotRun("one-machine.md", "", _ONE, "Restore"),
    NotRun("one-machine.md", "", _ONE, "Upgrade"),
    NotRun("one-machine.md", "python -m bench.", _BENCH),
    NotRun("several-machines.md", "COOLPAPERS_DATA_DIR", _TWO),
    NotRun("several-machines.md", "", _TWO, "nginx"),
    NotRun("several-machines.md", "python -m bench.", _BENCH),
    NotRun("backups.md", "python -m bench.", _BENCH),
    NotRun("server.md", "python -m bench.", _BENCH),
    NotRun("server.md", "make run", "installs from package registries; test_targets_exist checks its name"),
    NotRun("upgrade.md", "make run", "installs from package registries; test_targets_exist checks its name"),
    NotRun("upgrade.md", "git pull", "changes the checkout that is tested"),
    NotRun("upgrade.md", "docker compose build", _BUILD),
    NotRun("upgrade.md", "docker compose up -d", _BUILD),
    NotRun("containers.md", "docker compose build", _BUILD),
    NotRun("containers.md", "docker compose up -d", _BUILD),
    NotRun("containers.md", "docker compose down --volumes", "deletes volumes, which only a running Docker has"),
    NotRun("containers.md", "git pull", "changes the checkout that is tested"),
    NotRun("opensearch.md", "docker compose -f compose.yaml -f compose.opensearch.yaml up -d", _BUILD),
    NotRun("opensearch.md", "pip install", _REGISTRY),
    NotRun("opensearch.md", "export COOLPAPERS_OPENSEARCH_CA_FILE", "the server of the tests has no TLS"),
    NotRun("opensearch.md", "network.host", _SECURITY, "With Docker Compose"),
    NotRun("opensearch.md", "curl --cacert", _SECURITY, "The user"),
    NotRun("watching.md", "pip install", _REGISTRY),
)


def reason_not_to_run(step: Step) -> str:
    """Why a step is not run; "" if it is."""
    return next((row.reason for row in NOT_RUN if row.covers(step)), "")
