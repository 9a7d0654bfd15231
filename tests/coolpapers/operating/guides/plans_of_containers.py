"""containers.md: Docker is not there, so the commands that run in a container run as processes of this machine."""

from __future__ import annotations

import gzip
import re
import shutil
from contextlib import ExitStack
from typing import Any

import yaml

from tests.coolpapers.operating.guides.following import Plan
from tests.coolpapers.operating.guides.site import Site, records
from tests.house.source import ROOT
from tests.own_library import make_database

_IN_CONTAINER = re.compile(
    r'docker compose (?:exec(?: -T)?|run --rm --no-deps --volume "?\S+:/site\.zip:ro"?)'
    r" (?P<service>\w+) (?P<command>.+)"
)
_COPY = re.compile(r"docker compose cp (?P<service>\w+):(?P<source>\S+) (?P<target>\S+)")


def containers(site: Site, stack: ExitStack) -> Plan:
    """An empty site, as the image's start command makes it, whose secret is the file that the guide makes."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    shutil.rmtree(site.data)
    make_database(site.data)
    site.run("coolpapers prepare_site --empty --no-vectors")
    (site.folder / "containers").mkdir()
    (site.folder / "backups").mkdir()
    with gzip.open(site.folder / "papers.jsonl.gz", "wt") as file:
        file.write(records())
    site.words |= {
        "/backups/": f"{site.folder}/backups/",
        " /site.zip": f" {site.folder}/site.zip",
        "createsuperuser": "createsuperuser --noinput",
    }
    site.make_administrator_answers()
    found: list[str] = []

    def translate(command: str) -> str:
        match = _IN_CONTAINER.fullmatch(command) or _COPY.fullmatch(command)
        if match is None:
            assert not command.startswith("docker"), f"no test knows this command: {command}"
            return command
        mounts = {place.split(":")[1] for place in services[match["service"]]["volumes"]}
        assert "/backups" in mounts or "/backups" not in command
        return match["command"] if "command" in match.groupdict() else f"cp {match['source']} {match['target']}"

    def use_secrets() -> None:
        for name in ("database_password", "secret_key"):
            assert len((site.folder / "containers" / name).read_text().strip()) >= 40
        site.environment["COOLPAPERS_SECRET_KEY_FILE"] = str(site.folder / "containers/secret_key")

    def index(printed: str) -> None:
        site.run("coolpapers update_index")  # the service of that name does it
        found.extend(site.hits())
        assert found

    def look(printed: str) -> None:
        assert site.hits() == found

    return Plan(
        translate=translate,
        before={
            "Start: docker compose exec web python -m coolpapers createsuperuser": use_secrets,
            "Restore: docker compose run": lambda: shutil.rmtree(site.data),
        },
        after={"Start: docker compose exec -T": index, "Restore: docker compose run": look},
    )
