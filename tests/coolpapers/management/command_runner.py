"""Runs commands in forked processes of one process, which has imported Django once: ``python -m`` it with a file.

The file holds JSON: the arguments of each command, and whether its output goes to a closed pipe. Prints for each the
status, what it wrote to standard error, and whether it had to be stopped.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
from django.core.checks import run_checks

from coolpapers.management.entry import run

LIMIT_S = 60.0


def main(path: Path) -> None:
    cases = json.loads(path.read_text(encoding="utf-8"))
    django.setup()
    with suppress(Exception):  # imports the whole site here and not in each process; what fails fails there again
        run_checks()
    results = [run_case(arguments, is_pipe_closed=cases["is_pipe_closed"]) for arguments in cases["commands"]]
    sys.stdout.write(json.dumps(results))


def run_case(arguments: list[str], *, is_pipe_closed: bool) -> dict[str, Any]:
    with tempfile.TemporaryFile("w+", dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as errors:
        child = os.fork()
        if not child:
            _run_as_process(arguments, errors.fileno(), is_pipe_closed=is_pipe_closed)
        status = _wait(child)
        errors.seek(0)
        return {"command": arguments[0], "status": status, "errors": errors.read()}


def _run_as_process(arguments: list[str], errors: int, *, is_pipe_closed: bool) -> None:
    """Run a command as ``manage.py`` does, and end as the interpreter does."""
    reading, writing = os.pipe()
    if is_pipe_closed:
        os.close(reading)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(writing if is_pipe_closed else os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(errors, 2)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    status = 0
    try:
        run(["manage.py", *arguments])
    except SystemExit as exc:
        status = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
        if isinstance(exc.code, str):
            sys.stderr.write(f"{exc.code}\n")
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # what the interpreter says when it ends
        os.write(2, b"Exception ignored: BrokenPipeError")
        status = 120
    os._exit(status)


def _wait(child: int) -> int:
    """The exit status; of a process that is stopped after LIMIT_S, minus the signal."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
