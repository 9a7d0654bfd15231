"""``{% parameters_with sort=name skip=None %}``: the parameters of the page's address with some of them changed."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.http import HttpRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def parameters_with(context: template.Context, **changes: str | int | None) -> str:
    """As Django's ``querystring`` for single values; None removes a parameter.

    A list has some twenty such links. Its own parameters, of which the query is long, are encoded once.
    """
    encoded = _encoded(context["request"])
    parts = dict(encoded)
    for name, value in changes.items():
        if value is None:
            parts.pop(name, None)
        else:
            parts[name] = urlencode({name: value})
    return "?" + "&".join(parts.values()) if encoded or parts else ""


def _encoded(request: HttpRequest) -> dict[str, str]:
    """Each parameter of the address as it stands in one, encoded."""
    query, encoded = getattr(request, "_encoded_parameters", (None, {}))
    if query is not request.GET:
        query = request.GET
        encoded = {name: urlencode([(name, value) for value in values]) for name, values in query.lists() if values}
        request._encoded_parameters = query, encoded  # type: ignore[attr-defined] # kept as long as the request
    return encoded
