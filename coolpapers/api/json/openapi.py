"""The OpenAPI description of the JSON API: errors as problems, and a token that nobody needs.

Ninja documents every answer as ``application/json`` and every token as required. :class:`DescribedAPI` corrects both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from coolpapers.api.json.problems import MEDIA_TYPE
from coolpapers.api.json.schemas import ProblemSchema

PROBLEM_STATUSES = frozenset({400, 401, 404, 413, 429, 503})
PROBLEMS: dict[Any, Any] = {PROBLEM_STATUSES: ProblemSchema}
_WAITS = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_DESCRIPTIONS = {
    "400": "A parameter or the body is invalid, unknown or too large.",
    "401": "The token is unknown.",
    "404": "The library has no such paper, category or venue.",
    "413": "The body is too large.",
    "429": "Too many requests.",
    "503": "There is no usable search index.",
}


class DescribedAPI(NinjaAPI):
    """An API whose description names its errors and its optional token."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        for operation in _operations(schema):
            _describe_problems(operation["responses"])
            operation["responses"]["414"] = {"description": "The address is longer than 8,190 bytes."}
            if "security" in operation:
                operation["security"].append({})  # OpenAPI's way to say that none is needed
        return schema


def _operations(schema: OpenAPISchema) -> Iterator[dict[str, Any]]:
    for methods in schema["paths"].values():
        yield from methods.values()


def _describe_problems(responses: dict[Any, Any]) -> None:
    for status, description in _DESCRIPTIONS.items():
        response = responses.get(status) or responses.get(int(status))
        if response is None:
            continue
        response["description"] = description
        (content,) = response["content"].values()
        response["content"] = {MEDIA_TYPE: content}
        if status in ("429", "503"):
            response["headers"] = _WAITS
