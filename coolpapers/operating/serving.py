"""The web server's command line: granian, whose front in Rust reads requests and sends answers.

Its event loop reads requests and sends answers (:mod:`coolpapers.base.gateway`), so that slow clients occupy no thread.
``python -m bench.site.bench_slow_clients`` compares it with gunicorn.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass

APPLICATION = "coolpapers.asgi:application"
HEADER_S = 15  # seconds for a request's header, and for which an idle connection stays open
# Bytes of a request's header. 500 arXiv ids in an address need 5,500.
HEADER_BYTES = 64 << 10
MAX_CONNECTIONS = 4_096  # of each process; each takes some kilobytes, and one open file
# Seconds for which an old process serves beside its successor after SIGHUP: a start takes 5, on a busy machine 30.
START_S = 60
STOP_S = 30  # seconds in which running requests may end after SIGTERM


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """``n_workers`` processes. ``socket``: path of a Unix socket instead of host and port."""

    host: str = "127.0.0.1"
    port: int = 8000
    socket: str = ""
    n_workers: int = 1


def server_command(options: ServerOptions) -> list[str]:
    """The command that serves the site."""
    place = ["--uds", options.socket] if options.socket else ["--host", options.host, "--port", str(options.port)]
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--http", "1", "--no-ws"),
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
