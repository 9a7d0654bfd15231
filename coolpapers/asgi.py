"""The application that granian serves, as ``manage.py serve`` starts it."""

from __future__ import annotations

from django.conf import settings

from coolpapers.base.gateway import Gateway, Limits
from coolpapers.wsgi import application as wsgi_application

application = Gateway(wsgi_application, Limits(n_threads=settings.WEB_THREADS, body_bytes=settings.MAX_BODY_MB << 20))
