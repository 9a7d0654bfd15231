"""opensearch.md on a real node without the security plugin: addresses without TLS, user and password."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.coolpapers.operating.guides.following import Plan
from tests.coolpapers.operating.guides.site import N_PAPERS, Site, records
from tests.house.source import ROOT
from tests.opensearch_server import single_node
from tests.own_library import free_port

KEYS_OF_SERVICES = {"image", "environment", "volumes", "ulimits", "ports", "healthcheck", "restart", "depends_on"}


def opensearch(site: Site, stack: ExitStack) -> Plan:
    """The first of the two addresses answers nobody. Vectors are in the data folder, as with other engines."""
    snapshots = Path(tempfile.mkdtemp(prefix="coolpapers-snapshots-"))
    stack.callback(shutil.rmtree, snapshots, ignore_errors=True)
    snapshots.chmod(0o777)  # the server runs as another user
    node = stack.enter_context(single_node(f"-Epath.repo={snapshots}"))
    addresses = "https://coolpapers:PASSWORD@search-1:9200,https://coolpapers:PASSWORD@search-2:9200"
    site.words |= {
        addresses: f"http://127.0.0.1:{free_port()},{node.url}",
        "https://search-1:9200": node.url,
        "/srv/snapshots": str(snapshots),
        "DATA_DIR/": f"{site.data}/",
    }
    site.run("coolpapers embed_papers")
    before = site.hits()

    def name_indices(printed: str) -> None:
        """The guide lets the reader replace these names by those that this command shows."""
        names = re.findall(r"coolpapers(?:-vectors)?-\d{6}", printed)
        assert len(set(names)) == 2, printed
        site.words["coolpapers-000007,coolpapers-vectors-000001"] = ",".join(dict.fromkeys(names))

    def has_vectors(printed: str) -> None:
        assert re.search(rf"ok\s+vectors\s+{N_PAPERS} papers, up to date", printed), printed

    def no_copy(printed: str) -> None:
        assert not (site.data / "vectors").exists()
        has_vectors(site.run("coolpapers doctor"))

    def restored(printed: str) -> None:
        assert sorted(site.hits()) == sorted(before)
        (site.folder / "news.jsonl").write_text(records(2, first=N_PAPERS))
        site.run("coolpapers import_papers news.jsonl")

    def look() -> None:
        assert len(site.hits()) == N_PAPERS + 2
        assert f"{N_PAPERS + 2} papers, up to date" in site.run("coolpapers doctor")

    return Plan(
        blocks={"With Docker Compose: services:": check_compose},
        after={
            "Vectors: coolpapers doctor": has_vectors,
            "Vectors: rm -r": no_copy,
            "Snapshots: curl 'https://search-1:9200/_cat/aliases": name_indices,
            "Snapshots: curl -X POST": restored,
        },
        end=look,
    )


def check_compose(block: str) -> None:
    """It is put beside ``compose.yaml``: its services are new ones, and its volumes are declared."""
    more: dict[str, Any] = yaml.safe_load(block)
    ours = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(more) == {"services", "volumes"}
    assert not set(more["services"]) & set(ours["services"])
    for service in more["services"].values():
        assert set(service) <= KEYS_OF_SERVICES
        assert re.fullmatch(r"[\w/.-]+:[\w.-]+", service["image"])
        sources = [place.split(":")[0] for place in service["volumes"]]
        assert {name for name in sources if not name.startswith("./")} == set(more["volumes"])
        assert all(isinstance(value, str) for value in service["environment"].values())
