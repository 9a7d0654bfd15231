"""The command line of the site: runs a management command and reports expected failures in one sentence.

A full disk, a missing permission, an unreachable database and a closed output pipe are not programming errors: the user
gets a sentence with the fix instead of a traceback. ``--traceback`` shows the traceback anyway.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from coolpapers.base.env import EnvironmentValueError
from search.errors import SearchError

PIPE_CLOSED = 128 + 13  # the status of a process killed by SIGPIPE
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


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
    return next((sentence for cause in _causes(error) if (sentence := _sentence(cause))), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, the latest first."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _sentence(error: BaseException) -> str:
    match error:
        case SearchError() | EnvironmentValueError():
            return str(error)
        case OSError(errno=errno.ENOSPC):
            return "The disk is full. Free some space and run the command again; finished work is kept."
        case OSError(errno=number) if number in _REFUSED:
            return (
                f"No permission: {error}. Run the command as the user who owns the data folder, or fix its permissions."
            )
        case ImproperlyConfigured() if "psycopg" in str(error):
            return "The driver of PostgreSQL is missing; run pip install 'coolpapers[postgres]'."
        case DatabaseError():
            return _database_sentence(str(error).strip())
    return ""


def _database_sentence(text: str) -> str:
    lowered = text.lower()
    if "no such table" in lowered or "does not exist" in lowered or "no such column" in lowered:
        return f"The database lacks tables ({text}); run manage.py migrate."
    if "disk is full" in lowered or "no space" in lowered:
        return f"The database cannot grow ({text}). Free some space and run the command again; finished work is kept."
    if "readonly" in lowered or "read-only" in lowered or "unable to open" in lowered:
        return f"The database cannot be written ({text}); run the command as the user who owns the data folder."
    return f"The database does not answer ({text}); run manage.py doctor."
