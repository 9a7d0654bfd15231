"""Addresses of the interfaces for programs."""

from __future__ import annotations

from django.urls import include, path, re_path

from coolpapers.api.arxiv.views import query_as_arxiv
from coolpapers.api.json.endpoints import api
from coolpapers.api.json.overview import show_api
from coolpapers.api.json.problems import no_endpoint
from coolpapers.api.mcp.http import serve_mcp
from coolpapers.api.oai.views import serve_oai, show_schema
from coolpapers.api.token_views import revoke_token, show_tokens
from coolpapers.api.unapi import serve_unapi

_own = [
    path("api/v1/", show_api, name="show_api"),
    path("api/query", query_as_arxiv, name="query_as_arxiv"),
    path("mcp", serve_mcp, name="serve_mcp"),
    path("account/tokens", show_tokens, name="show_tokens"),
    path("account/tokens/<int:number>/revoke", revoke_token, name="revoke_token"),
    path("oai", serve_oai, name="serve_oai"),
    path("oai/coolpapers.xsd", show_schema, name="show_oai_schema"),
    path("unapi", serve_unapi, name="serve_unapi"),
]
urlpatterns = [
    path("", include((_own, "api"))),
    path("api/v1/", api.urls),  # has its own namespace, v1, which ninja needs at the top level
    path("api/v1/", include([re_path("", no_endpoint)])),  # every other address below it, line breaks included
]
