from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coolpapers.api.callers import Caller
from coolpapers.api.mcp.sessions import Session
from coolpapers.api.models import find_token


class Command(BaseCommand):
    help = "Run an MCP server over standard input and output; an assistant on this machine starts it."

    def handle(self, *args: Any, **options: Any) -> None:
        from coolpapers.api.mcp.server import serve_stdio

        caller = Caller("stdio")
        if settings.MCP_TOKEN:
            token = find_token(settings.MCP_TOKEN)
            if token is None:
                raise CommandError(
                    "COOLPAPERS_MCP_TOKEN matches no API token; create one with manage.py create_api_token."
                )
            caller = Caller(f"token:{token.pk}", token)
        async_to_sync(serve_stdio)(Session(caller, settings.SITE_URL, is_long=True))
