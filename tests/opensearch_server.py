"""Real OpenSearch nodes on loopback, for tests marked ``servers``. They skip where the shared folder has no server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.own_library import free_port

SHARED = Path(os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
PROGRAM = SHARED.parent / "opensearch" / "bin" / "opensearch-node"
# A node is up after six seconds on a quiet machine.
START_S = 300.0

needs_opensearch = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAM.is_file(), reason="the shared folder with OpenSearch is not beside this checkout"),
]


@dataclass
class Node:
    """One node: a process and its folder. ``options`` are those of the program, beside the folder."""

    port: int
    options: list[str] = field(default_factory=list)
    folder: Path = field(default_factory=lambda: _folder_for_all())
    process: subprocess.Popen[bytes] | None = None
    program: Path = PROGRAM

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(self.program), "--data", str(self.folder), "--port", str(self.port), *self.options]
        with (self.folder / "output.log").open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def wait_until_up(self, *, n_nodes: int = 1) -> None:
        end = time.monotonic() + START_S
        problem: object = None
        while time.monotonic() < end:
            assert self.process is not None
            if self.process.poll() is not None:
                if "needs Java" in self._output():
                    pytest.skip(self._output().strip())
                break
            try:
                health = httpx.get(f"{self.url}/_cluster/health", timeout=5).json()
                if health.get("number_of_nodes", 0) >= n_nodes:
                    return
                problem = health
            except (httpx.HTTPError, ValueError) as exc:
                problem = exc
            time.sleep(0.25)
        raise AssertionError(f"no OpenSearch at {self.url} ({problem}): {self._output()[-3000:]}")

    def _output(self) -> str:
        return (self.folder / "output.log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End the node as a power failure does."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def single_node(*options: str, program: Path = PROGRAM) -> Iterator[Node]:
    """A cluster of one node, for as long as the block lasts."""
    port, transport = free_port(), free_port()
    node = Node(port, ["--transport-port", str(transport), "--heap", "512m", *options], program=program)
    try:
        node.start()
        node.wait_until_up()
        yield node
    finally:
        node.stop()


@contextmanager
def cluster_of_three(heap: str = "400m") -> Iterator[list[Node]]:
    """Three nodes, each of which may hold data and be the manager."""
    transports = [free_port() for _ in range(3)]
    seeds = ",".join(f"127.0.0.1:{transport}" for transport in transports)
    nodes = []
    for number, transport in enumerate(transports, start=1):
        options = ["--name", f"n{number}", "--transport-port", str(transport), "--heap", heap]
        nodes.append(Node(free_port(), [*options, "--seeds", seeds, "--managers", "n1,n2,n3"]))
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_until_up(n_nodes=3)
        yield nodes
    finally:
        for node in nodes:
            node.stop()


@contextmanager
def program_without_plugins() -> Iterator[Path]:
    """The same server without its k-NN plugin."""
    home = _folder_for_all()
    try:
        shutil.copytree(PROGRAM.parent, home / "bin")
        for name in ("config", "lib", "modules"):
            (home / name).symlink_to(PROGRAM.parents[1] / name)
        (home / "plugins").mkdir()
        yield home / "bin" / PROGRAM.name
    finally:
        shutil.rmtree(home, ignore_errors=True)


def manager_of(nodes: list[Node]) -> Node:
    """The node that the cluster has elected as its manager."""
    alive = next(node for node in nodes if node.process is not None and node.process.poll() is None)
    answer = httpx.get(f"{alive.url}/_cat/cluster_manager?format=json", timeout=60).json()
    return nodes[int(answer[0]["node"].removeprefix("n")) - 1]


def _folder_for_all() -> Path:
    """A folder that the user ``nobody``, as whom the server runs, can enter; in memory where that is possible."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="opensearch-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o755)
    return folder
