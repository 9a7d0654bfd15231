"""A broker for one test: the application's connections go to it, and are forgotten afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from pytest_django import Settings

ADDRESSES = ("broker_url", "broker_read_url", "broker_write_url")


@contextmanager
def broker_of(app: Celery, settings: Settings, url: str) -> Iterator[None]:
    """Let ``app`` and the site use the broker at ``url``.

    Celery keeps one pool of connections per application. A pool that an earlier test opened would lead to the broker of
    that test, which is gone, so the pool is dropped on entry and on exit.
    """
    before = {name: app.conf[name] for name in ADDRESSES}
    settings.CELERY_BROKER_URL = url
    app.conf.update(dict.fromkeys(ADDRESSES, url))
    _drop_connections(app)
    try:
        yield
    finally:
        _drop_connections(app)
        app.conf.update(before)


def _drop_connections(app: Celery) -> None:
    app._after_fork()  # what Celery itself does to leave the connections of a parent process
