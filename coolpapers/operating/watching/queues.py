"""How many tasks wait in the broker, by queue."""

from __future__ import annotations

from django.conf import settings

from coolpapers.base.background import DEFAULT_QUEUE

TIMEOUT_S = 2.0


class BrokerDown(OSError):
    """The broker does not answer. ``reason`` is what its driver says."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The broker does not answer: {reason}")
        self.reason = reason


def queue_names() -> list[str]:
    """The queues of the site's tasks, the default one first."""
    routed = {str(route["queue"]) for route in settings.CELERY_TASK_ROUTES.values()}
    return [DEFAULT_QUEUE, *sorted(routed - {DEFAULT_QUEUE})]


def queue_lengths() -> dict[str, int]:
    """Waiting tasks by queue; empty without a broker, whose tasks wait in the web process.

    Raises
    ------
    BrokerDown
        If the broker does not answer, or its address names none.
    """
    if not settings.CELERY_BROKER_URL:
        return {}
    from coolpapers.celery import app

    try:
        with app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, timeout=TIMEOUT_S)
            return {name: _length(broker, name) for name in queue_names()}
    except Exception as exc:  # each broker's library has its own errors
        raise BrokerDown(" ".join(str(exc).split())) from exc


def _length(broker: object, name: str) -> int:
    channel = broker.channel()  # type: ignore[attr-defined]  # kombu ships no types
    try:
        return int(channel.queue_declare(queue=name, passive=True).message_count)
    except broker.channel_errors:  # type: ignore[attr-defined]  # an empty queue does not exist
        return 0
    finally:
        channel.close()
