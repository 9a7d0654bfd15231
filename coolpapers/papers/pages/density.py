"""How much of each paper a list shows: one line, a few lines, or all. The reader's choice is a cookie."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

DENSITIES = {
    "list": gettext_lazy("List"),
    "compact": gettext_lazy("Compact"),
    "full": gettext_lazy("Full"),
}
DEFAULT = "compact"
PARAMETER = COOKIE = "density"
MAX_AGE_S = 365 * 24 * 3600


def read_density(request: HttpRequest) -> str:
    """A name in :data:`DENSITIES`: that of the address, else of the cookie, else the default."""
    for name in (request.GET.get(PARAMETER), request.COOKIES.get(COOKIE)):
        if name in DENSITIES:
            return name
    return DEFAULT


def remember_density(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie where the address names a density, so that readers without scripts keep their choice."""
    name = request.GET.get(PARAMETER)
    if name in DENSITIES and name != request.COOKIES.get(COOKIE):
        response.set_cookie(COOKIE, name, max_age=MAX_AGE_S, samesite="Lax", secure=request.is_secure())
