"""The command line of the site: runs a management command and reports expected failures in one sentence.

A full disk, a missing permission, an unreachable database and a closed output pipe are not programming errors: the user
gets a sentence with the fix instead of a traceback. ``--traceback`` shows the traceback anyway.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line
from django.db import DatabaseError

from coolpapers.base.env import EnvironmentValueError
from coolpapers.base.outages import Outage, causes_of, find_outage
from search.errors import SearchError

PIPE_CLOSED = 128 + 13  # the status of a process killed by SIGPIPE
_OWNER = "run the command as the user who owns the data folder, or fix its permissions."


def run(arguments: Sequence[str]) -> None:
    """Run a command line such as ``["manage.py", "update_index"]``; exit the process if the command fails."""
    try:
        execute_from_command_line(list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has closed the pipe, as in `… | head`. The interpreter would fail again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except Exception as error:
        sentence = explain(error)
        if not sentence or "--traceback" in arguments:
            raise
        sys.stderr.write(f"{sentence}\n")
        sys.exit(1)


def explain(error: BaseException) -> str:
    """The problem and its fix in one line; "" for an unexpected error."""
    return next((sentence for cause in causes_of(error) if (sentence := _sentence(cause))), "")


def _sentence(error: BaseException) -> str:
    if isinstance(error, SearchError | EnvironmentValueError):
        return str(error)
    if isinstance(error, EOFError):
        return "The command asks for an input and there is none; run it in a terminal."
    text = str(error).strip()
    match find_outage(error):
        case Outage.FULL:
            return f"The disk is full ({text}). Free some space and run the command again; finished work is kept."
        case Outage.READ_ONLY:
            return f"The disk is read-only ({text}). Mount it writable, or {_OWNER}"
        case Outage.FORBIDDEN:
            return f"No permission: {text}. {_OWNER[0].upper()}{_OWNER[1:]}"
        case Outage.FAILING:
            return f"The disk is full or fails ({text}). Free some space, or check it with manage.py doctor."
        case Outage.BUSY:
            return f"The database is busy ({text}). Wait until another command has finished, and run this one again."
        case Outage.TABLES:
            return f"The database lacks tables ({text}); run manage.py migrate."
        case Outage.DAMAGED:
            return f"The database is damaged ({text}). Restore a backup of the data folder."
        case Outage.DOWN:
            return f"The database does not answer ({text}); run manage.py doctor."
        case Outage.DRIVER:
            return "The driver of PostgreSQL is missing; run pip install 'coolpapers[postgres]'."
    return f"The database refused the command: {text}" if isinstance(error, DatabaseError) else ""
