"""The MCP server: the official SDK around the functions of :mod:`coolpapers.api.mcp.tools`.

Start at :func:`answer_request` (one HTTP request without a session; ``docs/decisions/`` says why) and
:func:`serve_stdio`. Import this module lazily: the SDK takes some 0.2 s to load.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc
from typing import Any

import anyio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations

from coolpapers.api.callers import count
from coolpapers.api.errors import ApiError, outage_error
from coolpapers.api.mcp.sessions import Session, acting_in, current_session
from coolpapers.api.mcp.tools import READ_ONLY, TOOLS

DEADLINE_S = 110  # of one request; a little less than gunicorn's
INSTRUCTIONS = (
    "A library of scientific papers. Use search to find papers, paper for the details of one, related for similar "
    "papers, recent for the newest papers, cite for citations, library for an overview of the library and for the "
    "reader's stars and collections. All tools accept the ids that any of them returns."
)


class _Server(MCPServer[Any]):
    """The SDK's server, which passes over arguments that a tool does not have: a misspelt filter would seem kept."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """As inherited; raises ToolError with the known arguments where one is unknown."""
        tool = next((tool for tool in _tools() if tool.name == name), None)
        known = list(tool.parameters.get("properties", {})) if tool else []
        unknown = [argument for argument in arguments if argument not in known] if tool else []
        if unknown:
            listed = ", ".join(known) or "none"
            raise ToolError(f"{name} has no argument {unknown[0]!r}. Call it again with these only: {listed}.")
        return await super().call_tool(name, arguments, context)


def make_server() -> MCPServer[Any]:
    """A server with all tools; one per connection, because the SDK's HTTP transport cannot be run twice."""
    return _Server(
        "coolpapers",
        title=settings.SITE_NAME,
        version=_version(),
        instructions=INSTRUCTIONS,
        tools=list(_tools()),
        log_level="WARNING",
        # A stream of changes would occupy a thread of the web server for as long as the client likes.
        subscriptions=False,
    )


def _version() -> str:
    try:
        return version("coolpapers")
    except PackageNotFoundError:  # an uninstalled checkout
        return "0"


@cache
def _tools() -> tuple[Tool, ...]:
    """The tools with their schemas, each of which takes the SDK some 7 ms to compute."""
    return tuple(
        Tool.from_function(
            _on_django_thread(function),
            name=function.__name__,
            description=cleandoc(function.__doc__ or ""),
            annotations=ToolAnnotations(
                read_only_hint=function.__name__ in READ_ONLY,
                destructive_hint=False,  # every change can be undone
                idempotent_hint=True,
                open_world_hint=False,
            ),
        )
        for function in TOOLS
    )


def _on_django_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a tool for the SDK's event loop: it runs on the thread of the request and uses its database connection."""

    @wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return await sync_to_async(call, thread_sensitive=True)(*args, **kwargs)
        except ApiError as error:
            raise ToolError(str(error)) from error
        except (DatabaseError, OSError) as error:
            outage = outage_error(error)
            if outage is None:
                raise
            raise ToolError(str(outage)) from error

    def call(*args: Any, **kwargs: Any) -> Any:
        session = current_session()
        if session.is_long:
            close_old_connections()
            count(session.caller)
        return function(*args, **kwargs)

    return run


async def serve_stdio(session: Session) -> None:
    """Serve MCP over standard input and output until the client disconnects."""
    with acting_in(session):
        await make_server().run_stdio_async()


async def answer_request(
    session: Session, *, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Answer one HTTP request with the SDK's transport, stateless and as JSON: status, headers, body."""
    server = make_server()
    # Django checks Host and the view checks Origin: they know the host names of the site.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=security)
    manager = server.session_manager
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
    }
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        sent.append(message)

    with acting_in(session), anyio.move_on_after(DEADLINE_S):
        async with manager.run():
            await manager.handle_request(scope, receive, send)
    if not sent:
        error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32603, "message": "The request timed out."}}
        return 504, [(b"content-type", b"application/json")], json.dumps(error).encode()
    return sent[0]["status"], sent[0].get("headers", []), b"".join(part.get("body", b"") for part in sent[1:])
