from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from coolpapers.api.json.schemas import MAX_TEXT_CHARS
from coolpapers.operating.serving import (
    HEADER_BYTES,
    MAX_CONNECTIONS,
    N_HEAPS,
    ServerOptions,
    allow_many_connections,
    default_workers,
    server_command,
    usable_cores,
    usable_memory,
)


def test_the_command_names_place_and_processes() -> None:
    command = " ".join(server_command(ServerOptions(host="0.0.0.0", port=80, n_workers=3)))
    assert "--host 0.0.0.0 --port 80 --workers 3" in command
    assert command.endswith("coolpapers.asgi:application")
    socket = server_command(ServerOptions(socket="/run/coolpapers.sock"))
    assert socket[socket.index("--uds") + 1] == "/run/coolpapers.sock"
    assert "--port" not in socket


def test_an_address_as_long_as_the_api_allows_fits_into_a_header() -> None:
    assert HEADER_BYTES > 2 * MAX_TEXT_CHARS


@pytest.mark.parametrize(("soft", "hard", "expected"), [(1_024, 4_000, 4_000), (1_024, -1, 2 * MAX_CONNECTIONS)])
def test_open_files_are_allowed_as_far_as_the_system_does(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, expected: int
) -> None:
    limits = (soft, resource.RLIM_INFINITY if hard < 0 else hard)
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits)
    chosen: list[tuple[int, int]] = []
    allow_many_connections(lambda _kind, pair: chosen.append(pair))
    assert chosen == [(expected, limits[1])]
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (100_000, 100_000))
    allow_many_connections(lambda _kind, pair: chosen.append(pair))
    assert len(chosen) == 1


@pytest.mark.parametrize(
    ("n_cores", "memory_gb", "expected"),
    [(1, 64, 1), (2, 8, 2), (2, 7.9, 1), (16, 64, 4), (4, 12, 3), (4, 0.5, 1)],
)
def test_each_core_gets_a_process_where_memory_allows(n_cores: int, memory_gb: float, expected: int) -> None:
    assert default_workers(n_cores, int(memory_gb * 2**30)) == expected


def test_a_container_has_the_cores_and_the_memory_of_its_limits(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert (usable_cores(tmp_path), usable_memory(tmp_path)) == (1, 2**30)


@pytest.mark.parametrize("limit", ["max 100000", "max", "", None])
def test_without_limits_it_is_the_machine(tmp_path: Path, limit: str | None) -> None:
    if limit is not None:
        for name in ("cpu.max", "memory.max"):
            (tmp_path / name).write_text(limit)
    assert usable_cores(tmp_path) == len(os.sched_getaffinity(0))
    assert usable_memory(tmp_path) > 2**28


def test_garbage_of_a_page_is_collected_in_its_time() -> None:
    code = """
import gc, weakref
from coolpapers.operating.serving import GARBAGE_THRESHOLDS, collect_garbage_rarely
class Cycle: pass
collect_garbage_rarely()
assert gc.isenabled() and gc.get_threshold() == GARBAGE_THRESHOLDS and gc.get_freeze_count() > 1000
cycle = Cycle()
cycle.itself = cycle
gone = weakref.ref(cycle)
del cycle
kept = [[] for _ in range(2 * GARBAGE_THRESHOLDS[0])]
assert gone() is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_thread_that_waits_for_pythons_lock_has_it_soon() -> None:
    code = """
import sys
from coolpapers.operating.serving import SWITCH_S, switch_threads_often
switch_threads_often()
assert abs(sys.getswitchinterval() - SWITCH_S) < 1e-6
"""
    subprocess.run([sys.executable, "-c", code], check=True)


_COUNT_HEAPS = """
import ctypes, sys, threading
from coolpapers.operating.serving import share_heaps
share_heaps()
ready = threading.Barrier(11)
def allocate():
    kept = [b"x" * 10_000 for _ in range(10)]
    ready.wait()
    ready.wait()
threads = [threading.Thread(target=allocate) for _ in range(10)]
for thread in threads: thread.start()
ready.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(ctypes.c_void_p(file))
ready.wait()
"""


def count_heaps(path: Path, **environment: str) -> int:
    """The heaps of the C library in a process of ten threads that all hold memory."""
    command = [sys.executable, "-c", _COUNT_HEAPS, str(path)]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    return path.read_text().count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="glibc's function")
def test_threads_share_the_heaps_of_the_c_library(tmp_path: Path) -> None:
    assert count_heaps(tmp_path / "ours") == N_HEAPS
    assert count_heaps(tmp_path / "theirs", MALLOC_ARENA_MAX="3") == 3  # as an administrator says


_TRIM = """
import sys
from coolpapers.operating.serving import return_free_memory
def own_kb():
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))
chunks = [bytes(2_000) for _ in range(40_000)]
kept = chunks[::200]  # so that the heap does not end at the last one
before = own_kb()
del chunks
held = own_kb()
return_free_memory()
print(before - held, before - own_kb())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc's function")
def test_free_memory_between_memory_in_use_is_returned() -> None:
    run = subprocess.run([sys.executable, "-c", _TRIM], check=True, capture_output=True, text=True)
    by_itself, returned = map(int, run.stdout.split())
    assert by_itself < 5_000
    assert returned > 50_000  # of 80 MB
