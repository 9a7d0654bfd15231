"""An example of each request that the site answers: those that read, and those that store something.

``{…}`` in an address stands for what the library of :mod:`tests.coolpapers.disks.visits` has at random.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

NAME, PASSWORD, NEW_PASSWORD, SEARCH, COLLECTION = "ada", "a long enough password", "Zw8-kq!v2", "s1", "c1"
KEY = "arxiv:2601.00001"
IDENT = "2601.00001"

# Name of an address → an example, or several.
READING: dict[str, tuple[str, ...]] = {
    "show_health": ("/healthz",),
    "show_readiness": ("/readyz",),
    "show_personal": ("/me/", "/me/?shelf=notes"),
    "export_items": ("/me/export",),
    "show_words": ("/me/words",),
    "show_account": ("/account/",),
    "sign_in": ("/account/sign-in",),
    "sign_up": ("/account/sign-up",),
    "show_signed_out": ("/account/signed-out",),
    "change_password": ("/account/password",),
    "delete": ("/account/delete",),
    "export_search": ("/search/export?q=graphs&format=ris",),
    "export_arxiv": ("/arxiv/cs.CL/export?format=bibtex",),
    "export_venue": ("/venue/ACL.2026/export?format=csl-json",),
    "list_collections": ("/me/collections",),
    "show_collection": (f"/me/collections/{COLLECTION}",),
    "export_collection": (f"/me/collections/{COLLECTION}/export?format=bibtex",),
    "collect_paper": (f"/me/collect/{IDENT}",),
    "show_named": ("/shared/",),
    "show_shared": ("/shared/{shared}",),
    "export_shared": ("/shared/{shared}/export?format=bibtex",),
    "list_keywords": ("/me/keywords",),
    "list_searches": ("/me/searches",),
    "open_search": (f"/me/searches/{SEARCH}/open",),
    "unsubscribe": ("/me/alerts/stop/{stop}",),
    "show_api": ("/api/v1/",),
    "query_as_arxiv": ("/api/query?search_query=all:graphs", f"/api/query?id_list={IDENT}"),
    "serve_unapi": ("/unapi", f"/unapi?id={KEY}&format=bibtex"),
    "openapi-json": ("/api/v1/openapi.json",),
    "get_papers": (f"/api/v1/papers?ids={KEY}",),
    "get_paper": (f"/api/v1/papers/{IDENT}",),
    "get_search": ("/api/v1/search?q=graphs",),
    "get_related": (f"/api/v1/related/{IDENT}",),
    "get_keywords": (f"/api/v1/keywords/{IDENT}",),
    "get_list": ("/api/v1/list?category=cs.CL",),
    "get_citations": (f"/api/v1/cite/{IDENT}",),
    "search_papers": (
        "/search?q=graphs&mode=bm25",
        "/search?q=graphs&mode=dense",
        "/search?q=graphs&mode=hybrid",
        "/search?q=graphs&mode=rerank",
        "/search?q=graphs&explain=1",
        "/search?q=is:starred",
    ),
    "search_arxiv": ("/arxiv/search?query=graphs",),
    "search_venue": ("/venue/search?query=graphs",),
    "feed_search": ("/search/feed?q=graphs", "/search/feed?q=graphs&format=rss"),
    "feed_search_arxiv": ("/arxiv/search/feed?query=graphs",),
    "feed_search_venue": ("/venue/search/feed?query=graphs",),
    "suggest_queries": ("/search/suggest?q=gra",),
    "show_related": (f"/related/{IDENT}",),
    "describe_opensearch": ("/opensearch.xml",),
    "stream_summary": (f"/summary/{IDENT}/events",),
    "show_summary": (f"/summary/{IDENT}", "/summary/2601.00003"),
    "show_citation": (f"/cite/{IDENT}",),
    "send_pdf": ("/pdf/{own}/file",),
    "show_pdf": ("/pdf/{own}",),
    "show_home": ("/",),
    "choose_categories": ("/arxiv/",),
    "feed_arxiv": ("/arxiv/cs.CL/feed",),
    "show_arxiv": ("/arxiv/cs.CL", "/arxiv/all", f"/arxiv/{IDENT}", "/arxiv/cs.CL?sort=stars"),
    "list_venues": ("/venue/",),
    "feed_venue": ("/venue/ACL.2026/feed",),
    "show_venue": ("/venue/ACL.2026",),
    "redirect_abstract": (f"/abs/{IDENT}",),
    "redirect_paper": (f"/papers/{IDENT}",),
    "redirect_pdf": (f"/pdf/{IDENT}",),
    "show_bibtex": (f"/bibtex/{IDENT}",),
    "redirect_category": ("/list/cs.CL",),
    "redirect_list": ("/list/cs.CL/recent",),
    "admin": ("/admin/login/",),
}
# Requests that read, by POST: address, content, and whether it is JSON.
_SEARCH = {"name": "search", "arguments": {"query": "graphs"}}
_CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": _SEARCH}
POSTED: dict[str, tuple[str, dict[str, Any], bool]] = {
    "show_cards": ("/me/cards", {"keys": KEY}, False),
    "show_words": ("/me/words", {"keys": KEY}, False),
    "export_keys": ("/me/collections/export", {"key": KEY, "format": "bibtex"}, False),
    "post_papers": ("/api/v1/papers", {"ids": [KEY]}, True),
    "serve_mcp": ("/mcp", _CALL, True),
    "sync": ("/me/sync", {"cursor": 0, "items": []}, True),
    "set_language": ("/language", {"language": "zh-hans", "next": "/"}, False),
}
# Requests that store something.
_ITEM = {"kind": "star", "key": "arxiv:2601.00002", "value": {}, "changed": 5, "deleted": False}
WRITING: dict[str, tuple[str, dict[str, Any], bool]] = {
    "sync": ("/me/sync", {"cursor": 0, "items": [_ITEM]}, True),
    "list_collections": ("/me/collections", {"do": "new", "name": "Trees"}, False),
    "collect_paper": ("/me/collect/2601.00004", {"ident": COLLECTION, "in": "1"}, False),
    "list_keywords": ("/me/keywords", {"do": "add", "words": "trees", "weight": "1"}, False),
    "list_searches": ("/me/searches", {"do": "add", "query": "trees"}, False),
    "save_search": ("/me/searches/save", {"query": "trees"}, False),
    "unsubscribe": ("/me/alerts/stop/{stop}", {"do": "stop"}, False),
    "show_summary": ("/summary/2601.00009", {"language": "en"}, False),
    "read_import": ("/me/import", {"plain": "1", "file": "2601.00003"}, False),
    "sign_in": ("/account/sign-in", {"username": NAME, "password": PASSWORD}, False),
    "change_password": (
        "/account/password",
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
        False,
    ),
    "sign_up": ("/account/sign-up", {"username": "bob", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, False),
    "sign_out": ("/account/sign-out", {}, False),
    "delete": ("/account/delete", {"password": PASSWORD}, False),
}
WITHOUT_READING = {*POSTED, *WRITING, "api-root"} - READING.keys()
# Values of the arguments of addresses that have no example here.
ARGUMENTS = {"category": "cs.CL", "spec": "cs.CL", "year": "2026", "day": "2026-01-05", "name": "Ada Lovelace"}


def reading_addresses() -> list[str]:
    """Examples of every address that answers GET: those of ``READING``, and one made from the pattern of each other."""
    addresses = [address for examples in READING.values() for address in examples]
    for name, pattern in _patterns(get_resolver()):
        if name not in READING and name not in WITHOUT_READING:
            addresses.append("/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: ARGUMENTS.get(match[1], IDENT), pattern))
    return addresses


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """Name and pattern of each address outside the admin."""
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield entry.name or "", pattern
        elif pattern != "admin/":
            yield from _patterns(entry, pattern)
