"""``python -m coolpapers.operating.main_process``: granian, whose main process stops when it is asked to.

Granian's own main process looks at SIGTERM only after all processes have been replaced, which takes a minute for each.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

from granian import cli
from granian.server import Server


class _StopAsked(BaseException):
    """SIGTERM or SIGINT while processes are being replaced."""


class PromptServer(Server):  # type: ignore[misc,valid-type] # an alias that depends on the build of Python
    """A server that stops at once, also while it replaces its processes."""

    _is_replacing = False

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        super().signal_handler_interrupt(*args, **kwargs)
        if self._is_replacing:
            self._is_replacing = False  # a second signal must not disturb the end
            raise _StopAsked

    def _respawn_workers(self, *args: Any, **kwargs: Any) -> None:
        former = list(self.wrks)
        self._is_replacing = True
        try:
            if not self.interrupt_signal:
                super()._respawn_workers(*args, **kwargs)
        except _StopAsked:  # the one that was being replaced is not in the list, and must be stopped like the others
            self.wrks += [worker for worker in former if worker not in self.wrks]
        finally:
            self._is_replacing = False
        if self.interrupt_signal:  # granian may have cleared the event after the signal had set it
            self.main_loop_interrupt.set()

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().shutdown(*args, **kwargs)
        finally:  # a process that was just being started is in no list, and Python would wait for its end
            for child in multiprocessing.active_children():
                child.kill()


def main() -> None:
    cli.Server = PromptServer  # type: ignore[attr-defined] # the command line makes one of this class
    cli.entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":  # processes that serve import this file, too
    main()
