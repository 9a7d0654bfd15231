from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatingConfig(AppConfig):
    name = "coolpapers.operating"
    label = "operating"
    verbose_name = _("Operating")

    def ready(self) -> None:
        from coolpapers.base.observing.metrics import time_stage
        from coolpapers.base.observing.tasks import watch_tasks
        from coolpapers.base.observing.tracing import trace_stage
        from search.ranking.stages import observe_stages

        observe_stages(time_stage)
        observe_stages(trace_stage)
        watch_tasks()
