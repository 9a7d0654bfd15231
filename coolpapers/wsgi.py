"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from coolpapers.celery import start_background_threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
application = get_wsgi_application()
start_background_threads()
