"""Which process of a site starts the periodic tasks.

Of the processes that share a data folder it is the one that holds a lock there, which ends with the process. Of several
machines with one PostgreSQL database it is the one that holds a lease there, which another one takes over when it has
not been renewed for :data:`LEASE_S` seconds. A file of SQLite is not shared by machines.
"""

from __future__ import annotations

import socket

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from coolpapers.base.background import periodic_lock
from coolpapers.base.outages import degraded
from coolpapers.operating.periodic.leases import take_lease

LEASE = "periodic tasks"
LEASE_S = 90.0  # the shortest period is 30 seconds
RENEW_S = 30.0


def is_leader() -> bool:
    """Whether this process starts the periodic tasks now; takes the lock and the lease where they are free.

    Without an answer of the database, no process does.
    """
    if not periodic_lock.take():
        return False
    if connection.vendor == "sqlite":
        return True
    try:
        has_lease = take_lease(LEASE, holder(), for_s=LEASE_S)
    except (DatabaseError, InterfaceError) as exc:
        degraded.count(LEASE, exc)
        return False
    degraded.succeed(LEASE)
    return has_lease


def holder() -> str:
    """The same after a restart, which then goes on at once; each container and each machine has another one."""
    return f"{socket.gethostname()}:{settings.DATA_DIR}"[:200]
