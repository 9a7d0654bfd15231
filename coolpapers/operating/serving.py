"""The web server's command line: granian, whose front in Rust reads requests and sends answers.

Its event loop reads requests and sends answers (:mod:`coolpapers.base.gateway`), so that slow clients occupy no thread.
``python -m bench.site.bench_slow_clients`` compares it with gunicorn.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

APPLICATION = "coolpapers.asgi:application"
HEADER_S = 15  # seconds for a request's header, and for which an idle connection stays open
# Bytes of a request's header. 500 arXiv ids in an address need 5,500.
HEADER_BYTES = 64 << 10
MAX_CONNECTIONS = 4_096  # of each process; each takes some kilobytes, and one open file
# Seconds for which an old process serves beside its successor after SIGHUP: a start takes 5, on a busy machine 30.
START_S = 60
STOP_S = 30  # seconds in which running requests may end after SIGTERM
# By default one process for each core, and at most so many, where the machine has this memory for each: a process with
# models takes up to 1.5 GB, and a reader runs the site beside other programs.
MAX_DEFAULT_WORKERS = 4
WORKER_BYTES = 4 << 30
CGROUP = Path("/sys/fs/cgroup")
# New objects after which Python looks for cycles of garbage, and how often among older ones. Pages leave few cycles.
GARBAGE_THRESHOLDS = (10_000, 20, 20)
N_HEAPS = 2  # of the C library in a process; glibc makes up to eight for each core
SWITCH_S = 0.0005  # after which a thread gives up Python's lock to one that waits for it
_M_ARENA_MAX = -8  # in glibc's malloc.h


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """``n_workers`` processes. ``socket``: path of a Unix socket instead of host and port."""

    host: str = "127.0.0.1"
    port: int = 8000
    socket: str = ""
    n_workers: int = 1


def collect_garbage_rarely() -> None:
    """Let a process that serves pages look for cycles of garbage seldom, and never among what it has loaded so far.

    By default Python looks four times while it makes a page, and from time to time at all 200,000 objects of the
    process: 8 of 56 ms a page. Most garbage makes no cycle and is freed at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def switch_threads_often() -> None:
    """Let a thread that waits for Python's lock have it after half a millisecond instead of five.

    A page gives the lock up at each query of the database and search in the index. Beside an export in another thread
    it waited five milliseconds each time.
    """
    sys.setswitchinterval(SWITCH_S)


def share_heaps() -> None:
    """Let all threads of this process take memory from two heaps of the C library.

    The variable MALLOC_ARENA_MAX goes before it, and heaps that there are already stay. Other C libraries than glibc
    have no such setting.

    Each thread has a heap of its own by default, and keeps there what it needed for its largest page: 32 MB in all
    after 1,500 requests instead of 19. A page takes the same time, as Python's lock lets one thread run at a time.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, N_HEAPS)


def return_free_memory() -> None:
    """Give the free memory inside the C library's heaps back to the system. Other C libraries than glibc do so anyway.

    The heaps keep what the largest moment needed, such as several exports at once: 12 MB after 2,000 requests and 23
    after 12,000, while the memory in use stays the same. It takes some milliseconds.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def server_command(options: ServerOptions) -> list[str]:
    """The command that serves the site."""
    place = ["--uds", options.socket] if options.socket else ["--host", options.host, "--port", str(options.port)]
    return [
        *(sys.executable, "-m", "coolpapers.operating.main_process", "--interface", "asgi", "--http", "1", "--no-ws"),
        *place,
        *("--workers", str(options.n_workers)),
        *("--backlog", str(MAX_CONNECTIONS), "--backpressure", str(MAX_CONNECTIONS)),
        *("--http1-header-read-timeout", str(HEADER_S * 1_000), "--http1-buffer-size", str(HEADER_BYTES)),
        *("--respawn-failed-workers", "--respawn-interval", str(START_S), "--workers-kill-timeout", str(STOP_S)),
        *("--log-level", "warning"),
        APPLICATION,
    ]


def allow_many_connections(set_limit: Callable[..., None] = resource.setrlimit) -> None:
    """Raise this process's limit of open files, 1,024 by default in most systems, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_files = 2 * MAX_CONNECTIONS
    target = n_files if hard == resource.RLIM_INFINITY else min(n_files, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        set_limit(resource.RLIMIT_NOFILE, (target, hard))


def default_workers(n_cores: int, memory_bytes: int) -> int:
    """How many processes serve the site where nobody says it: Python runs on one core in each."""
    return max(1, min(n_cores, memory_bytes // WORKER_BYTES, MAX_DEFAULT_WORKERS))


def usable_cores(cgroup: Path = CGROUP) -> int:
    """The cores that this process may use, by its affinity and by the limit of its container."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # no container, or no limit ("max")
        quota, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        n_cores = min(n_cores, int(quota) // int(period))
    return max(n_cores, 1)


def usable_memory(cgroup: Path = CGROUP) -> int:
    """The memory of this machine, or of its container, in bytes."""
    memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):
        memory_bytes = min(memory_bytes, int((cgroup / "memory.max").read_text(encoding="ascii")))
    return memory_bytes
