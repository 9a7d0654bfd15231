"""Sessions in the database, which can be ended where it cannot be written.

Django ends a session of its own accord when it has become invalid, for example after a change of the password: every
page would fail for that reader. The row that stays is invalid, and expires.
"""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.db import DatabaseError

from coolpapers.base.outages import Outage, degraded, find_outage


class SessionStore(db.SessionStore):
    """``outage`` is why the row of an ended session could not be deleted."""

    outage: Outage | None = None

    def flush(self) -> None:
        """End the session. Its content is forgotten in any case."""
        try:
            super().flush()
        except DatabaseError as exc:
            self.outage = find_outage(exc)
            if self.outage is None:
                raise
            degraded.count("sessions", exc)
            self.clear()
            self._session_key = None
