"""Celery's beat, of which several may run: one on each machine, so that the loss of one machine stops no task.

``CELERY_BEAT_SCHEDULER`` names :class:`OneBeat`. The others wait until it is their turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery.beat import PersistentScheduler
from django.db import close_old_connections

from coolpapers.operating.periodic.leader import RENEW_S, is_leader


class OneBeat(PersistentScheduler):  # type: ignore[misc]  # celery ships no types
    """Starts periodic tasks while this process is the leader."""

    is_leader: Callable[[], bool] = staticmethod(is_leader)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Start what is due; return the seconds until the next call."""
        close_old_connections()
        is_our_turn = self.is_leader()
        close_old_connections()
        if not is_our_turn:
            return RENEW_S
        return min(float(super().tick(*args, **kwargs)), RENEW_S)
