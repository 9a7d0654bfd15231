"""The documentation page of the JSON API, generated from its OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coolpapers.api.json.endpoints import api


@dataclass(frozen=True, slots=True)
class Parameter:
    """``kind`` is the type in words; ``default`` is "" if there is none."""

    name: str
    kind: str
    default: str
    description: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]


@require_safe
def show_api(request: HttpRequest) -> HttpResponse:
    """``/api/v1/``: a page without scripts."""
    return render(request, "api/overview.html", {"operations": list_operations()})


@cache
def list_operations() -> tuple[Operation, ...]:
    """The operations of the OpenAPI description, in its order."""
    return tuple(_operations(api.get_openapi_schema(path_prefix="/api/v1/")))


def _operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parameters = tuple(_parameter(row) for row in operation.get("parameters", ()))
            description = operation.get("description", "")
            yield Operation(method.upper(), path, operation["summary"], description, parameters)


def _parameter(row: Mapping[str, Any]) -> Parameter:
    schema = row["schema"]
    default = schema.get("default")
    shown = "" if default in (None, "", []) else str(default).lower() if isinstance(default, bool) else str(default)
    description = row.get("description", schema.get("description", ""))
    return Parameter(row["name"], _kind(schema), shown, description, bool(row.get("required")))


def _kind(schema: Mapping[str, Any]) -> str:
    """A JSON schema in words: ``relevance | newest``, ``integer 1–200``, ``text, several``."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return _kind(options[0])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}, several"
    words = {"string": "text", "boolean": "true | false"}.get(schema.get("type", ""), str(schema.get("type", "")))
    if schema.get("format") == "date":
        words = "day"
    if "minimum" in schema and "maximum" in schema:
        words += f" {schema['minimum']:,}–{schema['maximum']:,}"
    return words
