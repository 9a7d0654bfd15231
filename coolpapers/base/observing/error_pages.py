"""The page of an error of the program: 500, with the identifier that the log has too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseServerError, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template

from coolpapers.base.observing.request_ids import request_id


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponseBase:
    """Rendered without the context of a request: the error may lie there."""
    if request.content_type == "application/json":
        return JsonResponse({"error": "Server error", "request_id": request_id()}, status=500)
    page = get_template(template_name).render({"request_id": request_id()})
    return HttpResponseServerError(page)
