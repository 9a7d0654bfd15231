from __future__ import annotations

from django.apps import AppConfig


class ReadingConfig(AppConfig):
    name = "coolpapers.reading"
    label = "reading"

    def ready(self) -> None:
        from coolpapers.papers.importing.followers import register_follower
        from coolpapers.reading import checks  # noqa: F401 - registers them
        from coolpapers.reading.summaries.following import SummaryFollower

        register_follower(SummaryFollower())
