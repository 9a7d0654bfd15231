"""The WSGI application; :mod:`coolpapers.asgi` serves it."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from coolpapers.base.background import threads
from coolpapers.base.charsets import utf8_requests
from coolpapers.base.observing.sharing import start_sharing
from coolpapers.base.observing.tracing import start_tracing
from coolpapers.celery import start_background_threads
from coolpapers.operating.serving import collect_garbage_rarely, share_heaps, switch_threads_often
from search.ranking.pipeline import load_models

MODELS = "models"  # thread that loads them

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
share_heaps()  # before there are threads
application = utf8_requests(get_wsgi_application())
start_background_threads()
threads.of_queue(MODELS).put(load_models)
start_sharing(settings.METRICS_DIR)
start_tracing()
collect_garbage_rarely()
switch_threads_often()
