"""Errors of the JSON API as ``application/problem+json`` (RFC 9457), all in one place."""

from __future__ import annotations

import difflib
import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from coolpapers.api.errors import ApiError, BadParameter, NotFound, TooLarge, outage_error

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def problem_response(error: ApiError) -> HttpResponse:
    """The response of an error."""
    response = JsonResponse(error.problem(), status=error.status, content_type=MEDIA_TYPE)
    if error.retry_after_s:
        response["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="coolpapers"'
    return response


def no_endpoint(_request: HttpRequest) -> HttpResponse:
    """The answer at addresses of the API that no endpoint has, such as an id with a line break."""
    return problem_response(NotFound("There is no endpoint at this address.", cure="See /api/v1/ for the endpoints."))


def handle_problems(api: NinjaAPI) -> None:
    """Register handlers that answer every error of an API as a problem."""

    def own(_request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_response(exc)

    def invalid(_request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_response(_as_problem(exc))

    def missing(request: HttpRequest, _exc: Any) -> HttpResponse:
        return no_endpoint(request)

    def too_large(_request: HttpRequest, _exc: Any) -> HttpResponse:
        return problem_response(TooLarge("The request body is too large.", cure="Split the request."))

    def plain(_request: HttpRequest, exc: Any) -> HttpResponse:
        error = ApiError(str(exc))
        error.status = exc.status_code
        return problem_response(error)

    def unexpected(request: HttpRequest, exc: Any) -> HttpResponse:
        outage = outage_error(exc)
        if outage is not None:
            logger.warning("%s: %s", request.path, exc)
            return problem_response(outage)
        logger.error("%s failed", request.path, exc_info=exc)
        return problem_response(ApiError("Internal error.", cure="See the log of the site."))

    api.add_exception_handler(ApiError, own)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(Http404, missing)
    api.add_exception_handler(RequestDataTooBig, too_large)
    api.add_exception_handler(HttpError, plain)
    api.add_exception_handler(Exception, unexpected)


def refuse_unknown(request: HttpRequest, schema: type[Schema]) -> None:
    """Raise BadParameter for an unknown parameter: a misspelt filter must not be ignored silently."""
    parameters = [field.alias or name for name, field in schema.model_fields.items()]
    for name in request.GET:
        if name not in parameters:
            near = difflib.get_close_matches(name, parameters, n=1)
            cure = f"Did you mean “{near[0]}”? " if near else ""
            cure += f"The parameters are: {', '.join(parameters) or 'none'}."
            raise BadParameter(f"Unknown parameter “{name[:40]}”.", where=name[:40], cure=cure)


def _as_problem(exc: ValidationError) -> BadParameter:
    """The first validation error, with the number of the others."""
    first = exc.errors[0]
    where = ".".join(str(part) for part in first["loc"][1:] if part not in ("parameters", "batch")) or "body"
    more = f" ({len(exc.errors) - 1} more)" if len(exc.errors) > 1 else ""
    cure = first.get("ctx", {}).get("cure", "")
    message = first["msg"].removesuffix(cure).rstrip(". ")
    cure = cure or "See /api/v1/ for the valid values."
    return BadParameter(f"{where}: {message}{more}.", where=where, cure=cure)
